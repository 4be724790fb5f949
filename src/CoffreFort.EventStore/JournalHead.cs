namespace CoffreFort.EventStore;

/// <summary>The journal at one position: how many events, the root of the hash tree over them, and the journal's time.</summary>
/// <param name="Size">Number of events; the position of the last one.</param>
/// <param name="Root">32 bytes: the RFC 6962 root over the leaf hashes of events 1 to <paramref name="Size"/>.</param>
/// <param name="LastTimestamp">Timestamp of the last event; <see cref="DateTimeOffset.MinValue"/> in an empty journal.</param>
public sealed record JournalHead(long Size, ReadOnlyMemory<byte> Root, DateTimeOffset LastTimestamp);
