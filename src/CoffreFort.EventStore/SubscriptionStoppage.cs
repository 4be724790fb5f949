namespace CoffreFort.EventStore;

/// <summary>Why a subscription stops on a node. Nothing here tells what an event says.</summary>
/// <param name="Reason">What happened, in words.</param>
/// <param name="Position">The event that can't be applied; null when it is not an event that stops it.</param>
/// <param name="EventType">That event's stored type name.</param>
public sealed record SubscriptionStoppage(string Reason, long? Position = null, string? EventType = null);
