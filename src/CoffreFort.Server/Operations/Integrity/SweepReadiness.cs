using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>What the sweep found is shown; it keeps no node from serving what is whole.</summary>
public sealed class SweepReadiness(SweepRecord sweep) : IReadinessPart
{
    public string Name => "integrity";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        var status = await sweep.ReadAsync(cancellation);
        return new ReadinessReport(
            new { lastRound = status.Ended, position = status.Position, damaged = status.Damaged },
            status.Damaged == 0 ? [] : [new ReadinessProblem("integrity-damaged", Name, $"The sweep found {status.Damaged} damaged things; see /status.", Blocks: false)]);
    }
}
