using CoffreFort.Transparency;

namespace CoffreFort.EventStore;

/// <summary>
/// What one transaction writes: under the head's lock it takes each waiting append in turn, accepts or refuses it alone,
/// and gives the accepted events their position, time and leaf hash. Pure: no I/O.
/// </summary>
internal sealed class AppendGroup(
    Frontier frontier, DateTimeOffset now, Dictionary<Guid, StreamRow> standing, IReadOnlyDictionary<string, AppendResult> earlier)
{
    private readonly Dictionary<string, AppendResult> _keys = new(earlier);
    private readonly Dictionary<Guid, StreamRow> _touched = [];

    public List<EventRow> Events { get; } = [];

    public List<(PendingAppend Append, AppendResult Result)> Accepted { get; } = [];

    public List<(PendingAppend Append, Exception Reason)> Refused { get; } = [];

    public IReadOnlyCollection<StreamRow> Streams => _touched.Values;

    public DateTimeOffset Now => now;

    public Frontier Frontier => frontier;

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

        var result = Write(append);
        if (append.IdempotencyKey is not null) _keys[append.IdempotencyKey] = result;
        Accepted.Add((append, result));
    }

    private Exception? Objection(PendingAppend append)
    {
        if (append.NotAfter is { } limit && now > limit) return new AppendTooLateException(limit, now);
        foreach (var stream in append.Streams)
        {
            var actual = VersionOf(stream.StreamId);
            if (stream.ExpectedVersion is { } expected && expected != actual)
                return new ConcurrencyException(stream.StreamId, expected, actual);
            if (actual > 0 && standing[stream.StreamId].Type != stream.StreamType)
                return new InvalidOperationException($"Stream {stream.StreamId} is of kind '{standing[stream.StreamId].Type}', not '{stream.StreamType}'.");
        }

        foreach (var (streamId, expected) in append.Guards)
        {
            var actual = VersionOf(streamId);
            if (expected != actual) return new ConcurrencyException(streamId, expected, actual);
        }

        return null;
    }

    private AppendResult Write(PendingAppend append)
    {
        var first = frontier.Size + 1;
        var written = new List<EventCoordinates>(append.EventCount);
        foreach (var stream in append.Streams)
        {
            var version = VersionOf(stream.StreamId);
            foreach (var pending in stream.Events)
            {
                version++;
                var at = new EventCoordinates(pending.Id, pending.Type, stream.StreamId, version);
                Events.Add(new EventRow(frontier.Size + 1, at, pending, now, AddLeaf(at, pending)));
                written.Add(at);
            }

            _touched[stream.StreamId] = standing[stream.StreamId] = new StreamRow(stream.StreamId, stream.StreamType, version);
        }

        return new AppendResult(written.Count == 0 ? 0 : first, frontier.Size, now, written, Repeated: false);
    }

    private long VersionOf(Guid streamId) => standing.TryGetValue(streamId, out var row) ? row.Version : 0;

    private byte[] AddLeaf(EventCoordinates at, PendingEvent pending)
    {
        Span<byte> commitment = stackalloc byte[MerkleHash.Length];
        EventCommitment.Compute(
            frontier.Size + 1, at.EventId, at.StreamId, at.Version, JournalTime.Microseconds(now),
            System.Text.Encoding.UTF8.GetBytes(pending.Type), pending.Data, pending.Metadata.HeadersJson ?? [], commitment);
        var leaf = new byte[MerkleHash.Length];
        MerkleHash.Leaf(commitment, leaf);
        frontier.Append(leaf);
        return leaf;
    }
}

internal sealed record StreamRow(Guid Id, string Type, long Version);

internal sealed record EventRow(long Position, EventCoordinates At, PendingEvent Pending, DateTimeOffset Timestamp, byte[] LeafHash);
