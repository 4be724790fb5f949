namespace CoffreFort.EventStore;

/// <summary>How a subscription stands over all nodes, as the database knows it.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Version">The version of the subscription that made the live tables.</param>
/// <param name="Position">The last position that took effect.</param>
/// <param name="Lag">How many events it is behind the head.</param>
/// <param name="LagTime">How long ago, in journal time, the first event was recorded that has not taken effect; zero when none waits.</param>
/// <param name="StillFor">How long the cursor has not moved.</param>
/// <param name="Node">The node that runs it now, or null.</param>
public sealed record SubscriptionState(
    string Name, int Version, long Position, long Lag, TimeSpan LagTime, TimeSpan StillFor, string? Node)
{
    /// <summary>The event at which it stands still, or null; the live set's, or else that of the set being built.</summary>
    public SubscriptionStop? Stop { get; init; }

    /// <summary>The set of tables being built beside the live one, or null.</summary>
    public RebuildState? Rebuild { get; init; }

    /// <summary>Whether its tables could be built anew.</summary>
    public bool CanRebuild { get; init; }
}
