namespace CoffreFort.Server.Hosting;

/// <summary>Asks all parts. Safe for concurrent use.</summary>
public sealed class Readiness(IEnumerable<IReadinessPart> parts)
{
    public async Task<IReadOnlyList<(string Name, ReadinessReport Report)>> LookAsync(CancellationToken cancellation) =>
        await Task.WhenAll(parts.Select(async part => (part.Name, await LookAsync(part, cancellation))));

    public async Task<IReadOnlyList<ReadinessProblem>> ProblemsAsync(CancellationToken cancellation) =>
        [.. (await LookAsync(cancellation)).SelectMany(part => part.Report.Problems)];

    private static async Task<ReadinessReport> LookAsync(IReadinessPart part, CancellationToken cancellation)
    {
        try
        {
            return await part.LookAsync(cancellation);
        }
#pragma warning disable CA1031 // What can't be looked at is not well.
        catch (Exception failure) when (!cancellation.IsCancellationRequested)
        {
            return new ReadinessReport(new { fault = failure.GetType().Name }, [new ReadinessProblem("unknown", part.Name, $"It can't be looked at: {failure.GetType().Name}.")]);
        }
#pragma warning restore CA1031
    }
}
