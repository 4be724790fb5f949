using System.CommandLine;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort accept-restored-journal</c>: an operator goes on knowingly with a journal that is not the published one.</summary>
public static class AcceptRestoredJournal
{
    private static readonly Option<string> Reason = new("--reason") { Description = "What happened, and why there is no newer state; recorded in the journal", Required = true };

    private static readonly Option<string> By = new("--by") { Description = "Who decides; the account that runs the command when left out", DefaultValueFactory = _ => Environment.UserName };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "accept-restored-journal",
        "Go on with a journal that is older or other than what was published, and record why. Begins another log. Ends with 0 when it went on, 1 when there is nothing to accept, 2 when it couldn't.",
        [Reason, By],
        (parsed, services, cancellation) => RunAsync(parsed.GetValue(Reason)!, parsed.GetValue(By)!, services, cancellation));

    private static async Task<int> RunAsync(string reason, string by, IServiceProvider services, CancellationToken cancellation)
    {
        reason = FileNames.CleanTitle(reason);
        if (reason.Length == 0) throw new OperatorException("Say what happened: --reason '…'.");
        by = FileNames.CleanTitle(by);
        var (accepted, unasked) = await ActivatorUtilities.CreateInstance<RestoredJournal>(services).AcceptAsync(by, reason, cancellation);
        if (unasked.Length > 0) Console.WriteLine(unasked);
        if (accepted is not null) return Tell(accepted);
        Console.WriteLine("nothing to accept: the journal holds all that was published, as far as was asked");
        return OperatorExit.Found;
    }

    private static int Tell(AcceptedJournal accepted)
    {
        var act = accepted.Act;
        if (act.LostFrom is { } from) Console.WriteLine($"lost: events {from} to {act.LostTo}");
        Console.WriteLine(act.ContinuedAs is { } origin ? $"log {act.Log} ended; it goes on as {origin}" : $"log {act.Log} goes on; its copy was written again");
        if (accepted.Key is { } key) Console.WriteLine($"its key, for witnesses and whoever follows it: {key}");
        if (accepted.WaitsFor is not { } why) return OperatorExit.Done;
        Console.WriteLine($"not published yet. {why}");
        Console.WriteLine("Have each witness started with that key besides those that it has, and start the server: it serves meanwhile, and publishes as soon as they cosign.");
        return OperatorExit.Done;
    }
}
