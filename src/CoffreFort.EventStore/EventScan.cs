using System.Text;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// Reads all events in order, as raw as PostgreSQL gives them, and recomputes what is derived from them. Two trees are grown once a leaf differs: over the stored
/// bytes and over the stored leaf hashes, so that head, tiles and checkpoints are blamed only for what fits neither. Not safe for concurrent use.
/// </summary>
internal sealed class EventScan(ReadSnapshot snapshot, JournalFindings findings, long size)
{
    /// <summary>So many rows in a query: what PostgreSQL can't read is narrowed down within as many.</summary>
    public const int ChunkSize = 10_000;

    public const long MicrosecondsTo2000 = 946_684_800_000_000;

    private const string Hashed = "seq_id, id, stream_id, version, timestamp, type, data, headers, leaf_hash";

    // Marten's columns that repeat a header, or that have one value here.
    private const string Columns = $"""
        {Hashed}, tenant_id <> '*DEFAULT*' or is_archived or correlation_id is distinct from headers ->> 'correlation'
            or causation_id is distinct from headers ->> 'causation' or user_name is distinct from headers ->> 'actor'
        """;

    private const string ChunkSql = $"select {Columns} from coffrefort.mt_events where seq_id > $1 order by seq_id limit $2";
    private const string OneSql = $"select {Columns} from coffrefort.mt_events where seq_id = $1";
    private const string OneAsItIsSql = $"select {Hashed}, null::boolean from coffrefort.mt_events where seq_id = $1";

    private long _seen = long.MinValue;
    private long _position;
    private long _last = long.MinValue;

    /// <summary>Over the stored bytes.</summary>
    public HashTree Tree { get; } = new();

    /// <summary>Over the stored leaf hashes; null while they are the same.</summary>
    public HashTree? Stored { get; private set; }

    /// <summary>The last position, 0 without events.</summary>
    public long Position => _position;

    /// <summary>The last event's time, in microseconds since 1970.</summary>
    public long Last => _last;

    /// <summary>The first event that can't be read; what covers it can't be compared. Beyond any, if there is none.</summary>
    public long FirstUnread { get; private set; } = long.MaxValue;

    /// <summary>The last one so far; 0 if there is none.</summary>
    public long LastUnread { get; private set; }

    /// <summary>Called after each event.</summary>
    public Action? Grown { get; set; }

    /// <summary>Reads the next rows.</summary>
    /// <returns>False at the end.</returns>
    public async Task<bool> NextAsync(CancellationToken cancellation)
    {
        var rows = 0;
        var unreadable = await snapshot.ReadAsync(ChunkSql, reader => { Verify(reader); rows++; }, cancellation, _seen, ChunkSize);
        if (unreadable is null) return rows == ChunkSize;
        await snapshot.ByIndexAsync(true, cancellation);
        return await StepOverAsync(unreadable, cancellation);
    }

    /// <summary>Goes on row by row until one can be read again, and names those that can't.</summary>
    private async Task<bool> StepOverAsync(string reason, CancellationToken cancellation)
    {
        for (var next = Math.Max(_seen, 0) + 1; next <= size; next++)
        {
            var found = false;
            var unreadable = await snapshot.ReadAsync(OneSql, reader => { Verify(reader); found = true; }, cancellation, next);
            if (found && unreadable is null) return true;
            if (unreadable is null) continue;
            // Headers that PostgreSQL can't take apart (an escaped NUL) are bytes all the same.
            if (!found && await snapshot.ReadAsync(OneAsItIsSql, reader => { Verify(reader); found = true; }, cancellation, next) is null && found)
            {
                findings.AboutEvent("columns", next, null, $"Event {next} has headers that PostgreSQL can't compare with its columns: {unreadable}.");
                return true;
            }

            findings.AboutEvent("unreadable", next, null, $"Event {next} can't be read: {unreadable}.");
            // Its leaf is not known; its place is kept, so that what lies beside it can be compared.
            Grow(MerkleHash.Empty, MerkleHash.Empty);
            (_seen, _position) = (next, next);
            (FirstUnread, LastUnread) = (Math.Min(FirstUnread, next), next);
            Grown?.Invoke();
        }

        if (_seen < size) findings.About("unreadable", "mt_events", $"Rows after event {Math.Max(_seen, 0)} can't be read: {reason}.");
        return false;
    }

    private void Verify(NpgsqlDataReader reader)
    {
        var position = reader.GetInt64(0);
        var id = reader.GetGuid(1);
        var stream = reader.GetGuid(2);
        var version = reader.GetInt64(3);
        var time = unchecked(reader.GetFieldValue<long>(4) + MicrosecondsTo2000);
        var type = reader.GetFieldValue<byte[]>(5);
        var data = reader.GetFieldValue<byte[]>(6);
        var headers = reader.IsDBNull(7) ? [] : reader.GetFieldValue<byte[]>(7);
        var stored = reader.GetFieldValue<byte[]>(8);
        Span<byte> leaf = stackalloc byte[MerkleHash.Length];
        var sound = position > 0 && version > 0 && stored.Length == MerkleHash.Length;
        if (sound)
        {
            EventCommitment.Compute(position, id, stream, version, time, type, data, headers, leaf);
            MerkleHash.Leaf(leaf, leaf);
        }

        if (position != _position + 1) findings.AboutEvent("hole", position, stream, $"Position {position} follows {_position}.");
        if (!sound || !leaf.SequenceEqual(stored))
        {
            findings.AboutEvent("leaf", position, stream, $"Event {position} ({Encoding.UTF8.GetString(type)}) is not what was hashed when it was appended.");
            Stored ??= Tree.Clone();
        }

        if (time < _last) findings.AboutEvent("time", position, stream, $"Event {position} is older than the one before it.");
        if (!reader.IsDBNull(9) && reader.GetBoolean(9))
            findings.AboutEvent("columns", position, stream, $"Event {position} has a tenant, an archive mark, or a column that does not repeat its header.");
        Grow(sound ? leaf : Fitted(stored), Fitted(stored));
        (_seen, _position, _last) = (position, position, time);
        Grown?.Invoke();
    }

    private void Grow(ReadOnlySpan<byte> leaf, ReadOnlySpan<byte> stored)
    {
        Tree.Append(leaf);
        Stored?.Append(stored);
    }

    private static byte[] Fitted(byte[] stored) => stored.Length == MerkleHash.Length ? stored : MerkleHash.Empty.ToArray();
}
