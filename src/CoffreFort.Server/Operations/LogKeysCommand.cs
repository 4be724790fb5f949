using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Log;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort log-keys</c>: what a witness is told, also while no server runs.</summary>
public static class LogKeysCommand
{
    public static OperatorCommand Command { get; } = new OperatorCommand(
        "log-keys",
        "Print the verifier keys of the log, the present one first, then those of the logs that it continues: what a witness's --log takes. Ends with 1 when there is none yet.",
        [],
        async (_, services, cancellation) =>
        {
            var (keys, settings) = (services.GetRequiredService<LogKeys>(), services.GetRequiredService<LogSettings>());
            var begun = await services.GetRequiredService<BegunLog>().FindAsync(cancellation);
            var published = await services.GetRequiredService<PublishedLog>().OriginsAsync(cancellation);
            var held = new[] { begun?.ContinuedAs }.OfType<string>().Concat(published.Count > 0 ? published : [settings.Origin]).Where(keys.Holds).ToList();
            foreach (var origin in held) Console.WriteLine(keys.VerifierKey(origin));
            return held.Count > 0 ? OperatorExit.Done : OperatorExit.Found;
        });
}
