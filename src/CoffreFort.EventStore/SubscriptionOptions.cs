namespace CoffreFort.EventStore;

/// <summary>How subscriptions run on a node. Immutable.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>At most this many events share one transaction.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>The same while a set of tables is built anew: nobody reads it yet.</summary>
    public int RebuildBatchSize { get; init; } = 5000;

    /// <summary>Looks for new events at least this often, should every notification get lost.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long the events of a busy journal gather before the next transaction. The first one after a silence takes effect at once, and so does what somebody on this node waits for; to those who wait on another node it adds this much.</summary>
    public TimeSpan GatherFor { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long until another try at a lock that another node holds, or after an outage of PostgreSQL. After any other failure (a poison event, a new version that can't take its place) the pauses double, up to 32 times this.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// How a subscription of this node is built anew when the live tables are an older version's: to call <see cref="Subscriptions.RebuildAsync"/> and record it.
    /// Null just calls it.
    /// </summary>
    public Func<string, RebuildOptions, CancellationToken, Task>? Renew { get; init; }

    /// <summary>Told once when a subscription stops on this node, with its name and why, and once with null when it moves again. Must be quick, and must not throw.</summary>
    /// <remarks>What is said holds nothing of what an event says. An outage of PostgreSQL stops all of them and is not told here.</remarks>
    public Action<string, SubscriptionStoppage?>? Stopped { get; init; }

    /// <summary>What operators call this node.</summary>
    public string Node { get; init; } = $"{Environment.MachineName}:{Environment.ProcessId}";
}
