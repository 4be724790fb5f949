namespace CoffreFort.EventStore;

/// <summary>One thing that is not as the journal's rules say.</summary>
/// <param name="Code">
/// What kind: <c>hole</c>, <c>leaf</c>, <c>time</c>, <c>event-id</c>, <c>stream</c>, <c>head-size</c>, <c>head-root</c>, <c>head-frontier</c>,
/// <c>head-time</c>, <c>idempotency</c>.
/// </param>
/// <param name="Position">The event's position, when it is about one event.</param>
/// <param name="Stream">The stream, when it is about one stream or one event.</param>
/// <param name="Message">What is wrong, for an operator.</param>
public sealed record JournalDamage(string Code, long? Position, Guid? Stream, string Message);
