namespace CoffreFort.EventStore;

/// <summary>One published checkpoint.</summary>
/// <param name="Number">Grows with each publication; what lies between two numbers means nothing.</param>
/// <param name="Origin">The log that it is of.</param>
/// <param name="Size">The tree's size: it covers the events up to this position.</param>
/// <param name="Note">The signed note, byte for byte as published (UTF-8).</param>
/// <param name="Created">When it was published, by PostgreSQL's clock.</param>
public sealed record StoredCheckpoint(long Number, string Origin, long Size, string Note, DateTimeOffset Created);
