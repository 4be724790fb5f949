using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Outbox;

/// <summary>Messages that were given up are shown; they keep no node from serving.</summary>
public sealed class OutboxReadiness(MessageOutbox outbox) : IReadinessPart
{
    public string Name => "outbox";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        var state = await outbox.StateAsync(cancellation);
        var details = new { waiting = state.Waiting, oldestSeconds = Math.Round(state.OldestAge.TotalSeconds, 3), dead = state.Dead };
        return new ReadinessReport(
            details, state.Dead == 0 ? [] : [new ReadinessProblem("messages-given-up", Name, $"{state.Dead} messages were given up; look at them on /status.", Blocks: false)]);
    }
}
