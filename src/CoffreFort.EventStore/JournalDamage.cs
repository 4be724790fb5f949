namespace CoffreFort.EventStore;

/// <summary>One thing that is not as the journal's rules say.</summary>
/// <param name="Code">
/// What kind: <c>hole</c>, <c>leaf</c>, <c>time</c>, <c>event-id</c>, <c>columns</c>, <c>stream</c>, <c>head-size</c>, <c>head-root</c>, <c>head-frontier</c>,
/// <c>head-time</c>, <c>idempotency</c>, <c>tile</c>, <c>checkpoint</c>, <c>unreadable</c>.
/// </param>
/// <param name="Thing">The row: its table and its key, such as <c>mt_events seq_id=5</c>.</param>
/// <param name="Position">The event's position, when it is about one event.</param>
/// <param name="Stream">The stream, when it is about one stream or one event.</param>
/// <param name="Message">What is wrong, for an operator.</param>
public sealed record JournalDamage(string Code, string Thing, long? Position, Guid? Stream, string Message);
