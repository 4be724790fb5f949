using System.Diagnostics;

namespace CoffreFort.EventStore;

/// <summary>
/// The states of the streams that this node read or wrote last, and the journal's time as far as that tells. A state at a version never changes; whether the stream
/// still stands there only the head's lock can say. Bounded; safe for concurrent use.
/// </summary>
internal sealed class RememberedStates
{
    private const int Slots = 4096;

    // Two clocks that run apart by a thousandth are then apart by a twentieth of a second.
    private static readonly TimeSpan clockKept = TimeSpan.FromSeconds(50);

    private readonly Entry?[] _slots = new Entry?[Slots];
    private ReadClock? _clock;
    private int _lineage;

    /// <summary>Grows when this node no longer knows that it talks to the database that it remembers: after a restore, a version may stand for other events.</summary>
    public int Lineage => Volatile.Read(ref _lineage);

    /// <summary>The journal's time: at or before what PostgreSQL would say, unless its clock was set back since. Null when it was not asked lately.</summary>
    public DateTimeOffset? Now =>
        Volatile.Read(ref _clock) is { } read && read.Lineage == Lineage && Stopwatch.GetElapsedTime(read.At) is var since && since < clockKept ? read.Time + since : null;

    public RecalledState<T>? Find<T>(Guid streamId)
        where T : class, IAggregate<T> =>
        Volatile.Read(ref Slot(streamId)) is { } known && known.StreamId == streamId && known.Lineage == Lineage ? known.State as RecalledState<T> : null;

    /// <summary>Takes the place of whichever stream had this one's slot.</summary>
    /// <param name="streamId">The stream.</param>
    /// <param name="state">Its state; what stands at version 0 is not kept.</param>
    /// <param name="lineage">As it was before the state was read.</param>
    public void Keep<T>(Guid streamId, RecalledState<T> state, int lineage)
        where T : class, IAggregate<T>
    {
        ref var slot = ref Slot(streamId);
        // Who was slow must not bring back what others know to be old.
        if (state.Version == 0 || (Volatile.Read(ref slot) is { } known && known.StreamId == streamId && known.Lineage == lineage && known.Version > state.Version)) return;
        Volatile.Write(ref slot, new Entry(streamId, state, state.Version, lineage));
    }

    /// <summary>The journal's time has just been read.</summary>
    /// <param name="time">The time.</param>
    /// <param name="lineage">As it was before.</param>
    public void Saw(DateTimeOffset time, int lineage) => Volatile.Write(ref _clock, new ReadClock(time, Stopwatch.GetTimestamp(), lineage));

    /// <summary>A connection was opened anew: nothing that is remembered counts any more.</summary>
    public void Forget()
    {
        Interlocked.Increment(ref _lineage);
        Volatile.Write(ref _clock, null);
        Array.Clear(_slots);
    }

    private ref Entry? Slot(Guid streamId) => ref _slots[streamId.GetHashCode() & (Slots - 1)];

    private sealed record Entry(Guid StreamId, object State, long Version, int Lineage);

    private sealed record ReadClock(DateTimeOffset Time, long At, int Lineage);
}
