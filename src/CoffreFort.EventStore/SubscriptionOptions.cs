namespace CoffreFort.EventStore;

/// <summary>How subscriptions run on a node. Immutable.</summary>
public sealed record SubscriptionOptions
{
    /// <summary>At most this many events share one transaction.</summary>
    public int BatchSize { get; init; } = 500;

    /// <summary>Looks for new events at least this often, should every notification get lost.</summary>
    public TimeSpan PollEvery { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long until another try at a lock that another node holds, or after a failure.</summary>
    public TimeSpan RetryAfter { get; init; } = TimeSpan.FromSeconds(2);
}
