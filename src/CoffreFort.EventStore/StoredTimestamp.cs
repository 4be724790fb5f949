namespace CoffreFort.EventStore;

/// <summary>A timestamp authority's token over one checkpoint.</summary>
/// <param name="Checkpoint">What it is over.</param>
/// <param name="Token">The RFC 3161 token (DER); its imprint is SHA-256 of <see cref="StoredCheckpoint.Note"/>.</param>
/// <param name="Stamped">The time that it states.</param>
public sealed record StoredTimestamp(StoredCheckpoint Checkpoint, ReadOnlyMemory<byte> Token, DateTimeOffset Stamped);
