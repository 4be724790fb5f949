namespace CoffreFort.EventStore;

/// <summary>The live tables were made by another version of the subscription than this node has: it must not write to them.</summary>
internal sealed class OutdatedSubscriptionException(ISubscription subscription, int live)
    : Exception($"Version {live} of it is live, and this node has version {subscription.Version}.");
