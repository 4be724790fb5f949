using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.EventStore;

/// <summary>
/// What one transaction writes: it takes each waiting append in turn, accepts or refuses it alone, and gives the accepted
/// events their position, time and leaf hash. Pure: no I/O.
/// </summary>
/// <param name="before">The journal before the group; the group grows its frontier.</param>
/// <param name="now">The time that all its events carry.</param>
/// <param name="standing">The streams as they stand before the group: read under the head's lock, or assumed (and then verified under it).</param>
/// <param name="earlier">What earlier appends under the group's idempotency keys gave.</param>
internal sealed class AppendGroup(
    HeadState before, DateTimeOffset now, Dictionary<Guid, StreamRow> standing, IReadOnlyDictionary<string, AppendResult> earlier)
{
    private readonly Frontier _frontier = before.Frontier;
    private readonly Dictionary<string, AppendResult> _keys = new(earlier);
    private readonly Dictionary<Guid, TouchedStream> _touched = [];
    private readonly Dictionary<Guid, long> _guarded = [];

    public long SizeBefore { get; } = before.Frontier.Size;

    public byte[] RootBefore => before.Root;

    public long Fence => before.Fence;

    public List<EventRow> Events { get; } = [];

    public List<(PendingAppend Append, AppendResult Result)> Accepted { get; } = [];

    public List<(PendingAppend Append, Exception Reason)> Refused { get; } = [];

    public IReadOnlyCollection<TouchedStream> Streams => _touched.Values;

    /// <summary>The guards that the group relies on. A guarded stream that the group also writes to is checked by that.</summary>
    public IEnumerable<KeyValuePair<Guid, long>> Guards => _guarded.Where(guard => !_touched.ContainsKey(guard.Key));

    public DateTimeOffset Now => now;

    public Frontier Frontier => _frontier;

    /// <summary>Root of the tree with the group; known once <see cref="Seal"/> was called.</summary>
    public byte[] Root { get; private set; } = before.Root;

    public HeadState After => new(_frontier, Root, now, before.Fence);

    public void Take(PendingAppend append)
    {
        if (append.IdempotencyKey is { } key && _keys.TryGetValue(key, out var first))
        {
            Accepted.Add((append, first with { Repeated = true }));
            return;
        }

        if (Objection(append) is { } reason)
        {
            Refused.Add((append, reason));
            return;
        }

        foreach (var (streamId, version) in append.Guards) _guarded.TryAdd(streamId, version);
        var result = Write(append);
        if (append.IdempotencyKey is not null) _keys[append.IdempotencyKey] = result;
        Accepted.Add((append, result));
    }

    /// <summary>Every append was taken.</summary>
    public void Seal() => Root = _frontier.Root();

    private Exception? Objection(PendingAppend append)
    {
        if (append.NotAfter is { } limit && now > limit) return new AppendTooLateException(limit, now);
        // Decided at a time that this node had reckoned, and PostgreSQL's clock was set back since.
        if (append.Lineage is not null && append.NotBefore > now) return append.Outdated();
        foreach (var stream in append.Streams)
        {
            var (kind, actual) = Standing(stream.StreamId);
            if (stream.ExpectedVersion is { } expected && expected != actual)
                return new ConcurrencyException(stream.StreamId, expected, actual);
            if (actual > 0 && kind is not null && kind != stream.StreamType)
                return new InvalidOperationException($"Stream {stream.StreamId} is of kind '{kind}', not '{stream.StreamType}'.");
        }

        foreach (var (streamId, expected) in append.Guards)
        {
            var actual = Standing(streamId).Version;
            if (expected != actual) return new ConcurrencyException(streamId, expected, actual);
        }

        return null;
    }

    private AppendResult Write(PendingAppend append)
    {
        var first = _frontier.Size + 1;
        var written = new List<EventCoordinates>(append.EventCount);
        foreach (var stream in append.Streams)
        {
            var before = Standing(stream.StreamId).Version;
            var version = before;
            foreach (var pending in stream.Events)
            {
                version++;
                var at = new EventCoordinates(pending.Id, pending.Type, stream.StreamId, version);
                Events.Add(new EventRow(at, pending, AddLeaf(at, pending)));
                written.Add(at);
            }

            if (_touched.TryGetValue(stream.StreamId, out var touched)) before = touched.Before;
            _touched[stream.StreamId] = new TouchedStream(stream.StreamId, stream.StreamType, before, version);
            standing[stream.StreamId] = new StreamRow(stream.StreamType, version);
        }

        return new AppendResult(written.Count == 0 ? 0 : first, _frontier.Size, now, written, Repeated: false);
    }

    private StreamRow Standing(Guid streamId) => standing.GetValueOrDefault(streamId);

    private byte[] AddLeaf(EventCoordinates at, PendingEvent pending)
    {
        Span<byte> commitment = stackalloc byte[MerkleHash.Length];
        Span<byte> small = stackalloc byte[256];
        var type = pending.Type.Length * 3 <= small.Length
            ? small[..Encoding.UTF8.GetBytes(pending.Type, small)]
            : Encoding.UTF8.GetBytes(pending.Type);
        EventCommitment.Compute(
            _frontier.Size + 1, at.EventId, at.StreamId, at.Version, JournalTime.Microseconds(now),
            type, pending.Data, pending.Metadata.HeadersJson, commitment);
        var leaf = new byte[MerkleHash.Length];
        MerkleHash.Leaf(commitment, leaf);
        _frontier.Append(leaf);
        return leaf;
    }
}

/// <param name="Type">Its kind; null where only its version is known.</param>
/// <param name="Version">Its version; 0 when there is no such stream.</param>
internal readonly record struct StreamRow(string? Type, long Version);

/// <summary>A stream that a group writes to: from which version to which.</summary>
internal readonly record struct TouchedStream(Guid Id, string Type, long Before, long After);

/// <summary>The journal's head: its tree, the last event's time, and how often a node had to find out what became of a group.</summary>
internal sealed record HeadState(Frontier Frontier, byte[] Root, DateTimeOffset LastTimestamp, long Fence);

/// <summary>One event to be written; its position follows from its place in the group.</summary>
internal readonly record struct EventRow(EventCoordinates At, PendingEvent Pending, byte[] LeafHash);
