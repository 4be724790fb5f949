using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>What the sweep found is shown; it keeps no node from serving what is whole.</summary>
public sealed class SweepReadiness(SweepRecord sweep) : IReadinessPart
{
    public string Name => "integrity";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        var status = await sweep.ReadAsync(cancellation);
        // By area: damage in another one is told anew.
        var areas = status.Damaged == 0 ? new Dictionary<string, long>() : await sweep.DamagedAsync(cancellation);
        return new ReadinessReport(
            new { lastRound = status.Ended, position = status.Position, damaged = status.Damaged },
            [.. areas.Select(area => new ReadinessProblem("integrity-damaged", area.Key, $"The sweep found {area.Value} damaged things in {area.Key}; see /status.", Blocks: false))]);
    }
}
