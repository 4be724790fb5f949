namespace CoffreFort.EventStore;

/// <summary>The kinds of the streams that were read last: a kind never changes, so it is asked for once. Bounded; safe for concurrent use.</summary>
internal sealed class KnownKinds
{
    private const int Slots = 4096;

    private readonly Known?[] _slots = new Known?[Slots];

    /// <summary>The stream's kind, or null when it isn't known (any more).</summary>
    public string? Find(Guid streamId) => Volatile.Read(ref Slot(streamId)) is { } known && known.StreamId == streamId ? known.Kind : null;

    /// <summary>Takes the place of whichever stream had this one's slot.</summary>
    public void Add(Guid streamId, string kind) => Volatile.Write(ref Slot(streamId), new Known(streamId, kind));

    private ref Known? Slot(Guid streamId) => ref _slots[streamId.GetHashCode() & (Slots - 1)];

    private sealed record Known(Guid StreamId, string Kind);
}
