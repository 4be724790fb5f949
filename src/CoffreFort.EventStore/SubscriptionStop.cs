namespace CoffreFort.EventStore;

/// <summary>The event at which a subscription stands still. Nothing here tells what the event says.</summary>
/// <param name="Position">The event's position; the cursor is one before it.</param>
/// <param name="EventType">Its stored type name.</param>
/// <param name="Error">What happened, in words.</param>
/// <param name="Since">When it first happened.</param>
/// <param name="WhileRebuilding">Whether it is the set being built that stands; the live one goes on.</param>
public sealed record SubscriptionStop(long Position, string EventType, string Error, DateTimeOffset Since, bool WhileRebuilding);
