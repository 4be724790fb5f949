using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Checkpoints;

/// <summary>A log that may not be signed any more keeps the node from serving; checkpoints that are late, and a debt of timestamps, are shown and told.</summary>
public sealed class LogReadiness(LogStatus log) : IReadinessPart
{
    /// <summary>Events were added, and no checkpoint over them has come.</summary>
    public const string Delayed = "log-delayed";

    public string Name => "log";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        var problems = new List<ReadinessProblem>();
        if (log.State.StoppedBy is { } reason) problems.Add(new ReadinessProblem("log-stopped", Name, reason));
        // Null when the journal does not answer, which its own part says.
        if (await log.HealthAsync(cancellation) is not { } health) return new ReadinessReport(new { stoppedBy = log.State.StoppedBy }, problems);
        if (health.Delayed)
            problems.Add(new ReadinessProblem(Delayed, Name, $"{health.Unpublished} events are in no checkpoint yet, the first of them for {health.UnpublishedFor}. {health.DelayedBy}".TrimEnd(), Blocks: false));
        var seals = await log.SealsAsync(cancellation);
        if (seals is { Authority: true, Overdue: true })
            problems.Add(new ReadinessProblem("unsealed-too-long", Name, $"No timestamp for {LogStatus.Show(seals.Unsealed)}.", seals.Timestamp?.Stamped, Blocks: false));
        return new ReadinessReport(health, problems);
    }
}
