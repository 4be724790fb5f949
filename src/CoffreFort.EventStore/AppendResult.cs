namespace CoffreFort.EventStore;

/// <summary>What a durable append gave.</summary>
/// <param name="FirstPosition">Position (<c>seq_id</c>) of its first event; 0 when it appended nothing.</param>
/// <param name="LastPosition">Position of its last event: what a reader must have seen to see this write.</param>
/// <param name="Timestamp">The journal time that all its events carry.</param>
/// <param name="Events">Its events in order: stream, version and id of each.</param>
/// <param name="Repeated">True when an earlier append with the same idempotency key gave this result, and nothing was added now.</param>
public sealed record AppendResult(
    long FirstPosition, long LastPosition, DateTimeOffset Timestamp, IReadOnlyList<EventCoordinates> Events, bool Repeated);
