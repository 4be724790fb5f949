using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort fsck</c>: re-derives what is stored from its bytes, names whatever is damaged, and changes nothing.</summary>
public static class Fsck
{
    public static OperatorCommand Command { get; } = new OperatorCommand(
        "fsck",
        "Check everything that is stored against what it must be, and name what is damaged. Ends with 0 when all holds, 1 when something is damaged, 2 when it couldn't look.",
        [],
        (_, services, cancellation) => RunAsync(services, cancellation));

    private static async Task<int> RunAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var verdict = await JournalVerification.RunAsync(services.GetRequiredService<NpgsqlDataSource>(), cancellation: cancellation);
        foreach (var damage in verdict.Damages) Console.WriteLine($"damaged: {damage.Code}: {damage.Message}");
        Console.WriteLine(verdict.Holds ? "holds" : $"does not hold: {verdict.DamageCount} damaged");
        return verdict.Holds ? OperatorExit.Done : OperatorExit.Found;
    }
}
