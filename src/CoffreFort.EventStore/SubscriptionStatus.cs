namespace CoffreFort.EventStore;

/// <summary>How far a subscription has come on this node.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Position">The last position that took effect, as far as this node knows.</param>
/// <param name="RunsHere">Whether this node holds its lock.</param>
/// <param name="StoppedBy">What stopped it, or null while it moves.</param>
public sealed record SubscriptionStatus(string Name, long Position, bool RunsHere, string? StoppedBy);
