using System.Text;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Holds stored tiles and checkpoints against the trees of an <see cref="EventScan"/>, while these grow. Not safe for concurrent use.</summary>
internal sealed class TreeVerification(ReadSnapshot snapshot, JournalFindings findings, EventScan scan, JournalVerificationOptions options)
{
    private const string CheckpointsSql = """
        select number, origin, size, note, digest = sha256(convert_to(note, 'UTF8')) from coffrefort.journal_checkpoints where size > $1 and size <= $2 order by size, number
        """;

    private const string OrderSql = """
        select number, origin, size from (
            select number, origin, size, lag(size) over w as size_before
            from coffrefort.journal_checkpoints window w as (partition by origin order by number)
        ) as placed
        where size <= size_before
        """;

    private const string TilesSql = """
        select t.level, t.index, t.hashes, t.root from coffrefort.journal_tiles t join unnest($1, $2) as wanted(level, index) on t.level = wanted.level and t.index = wanted.index
        """;

    private const string OtherTilesSql = """
        select level, index, hashes, root from coffrefort.journal_tiles
        where level < 0 or index < 0 or level > 7 or (index + 1)::numeric * 256::numeric ^ (level + 1) > $1
        """;

    private readonly Dictionary<long, List<StoredNote>> _due = [];
    private long _loaded = -1;

    /// <summary>Before a chunk is read: which checkpoints fall due within it.</summary>
    public async Task PrepareAsync(CancellationToken cancellation)
    {
        var until = scan.Tree.Size + EventScan.ChunkSize;
        await LoadAsync(until, cancellation);
        if (scan.Tree.Size == 0) Compare();
    }

    /// <summary>After each leaf.</summary>
    public void Compare()
    {
        if (!_due.Remove(scan.Tree.Size, out var notes)) return;
        byte[] root = scan.Tree.Root(), stored = scan.Stored?.Root() ?? root;
        foreach (var note in notes) Verify(note, root, stored);
    }

    /// <summary>After a chunk: the tiles that it completed.</summary>
    public async Task VerifyTilesAsync(CancellationToken cancellation)
    {
        var completed = scan.Tree.Completed;
        var levels = completed.Keys.Select(tile => (short)tile.Level).ToArray();
        var indexes = completed.Keys.Select(tile => tile.Index).ToArray();
        await ReadTilesAsync(TilesSql, (level, index, hashes) =>
        {
            if (CoversUnread(level, index)) return;
            var stored = scan.Stored?.Completed.GetValueOrDefault((level, index));
            if (!hashes.SequenceEqual(completed[(level, index)]) && (stored is null || !hashes.SequenceEqual(stored))) Add(level, index, "is not what the leaves below it give");
        }, cancellation, levels, indexes);
        completed.Clear();
        scan.Stored?.Completed.Clear();
    }

    /// <summary>At the end: what lies beyond the tree, and what does not grow.</summary>
    public async Task FinishAsync(CancellationToken cancellation)
    {
        await LoadAsync(long.MaxValue, cancellation);
        foreach (var note in _due.Values.SelectMany(notes => notes))
            findings.About("checkpoint", note.Thing, $"The checkpoint covers {note.Size} events; the journal holds {scan.Tree.Size}.");
        Unreadable("journal_checkpoints", await snapshot.ReadAsync(
            "select number, origin, size from coffrefort.journal_checkpoints where size < 0", row => Add(row, "has a size below zero"), cancellation));
        Unreadable("journal_checkpoints", await snapshot.ReadAsync(OrderSql, row => Add(row, "is not larger than the one before it"), cancellation));
        await ReadTilesAsync(OtherTilesSql, (level, index, hashes) =>
        {
            if (scan.FirstUnread <= scan.Tree.Size) return;
            var edge = level is >= 0 and < 8 && index >= 0 ? scan.Tree.Edge(level, index) : [];
            var stored = level is >= 0 and < 8 && index >= 0 && scan.Stored is not null ? scan.Stored.Edge(level, index) : edge;
            if (hashes.Length == 0 || (!edge.StartsWith(hashes) && !stored.StartsWith(hashes))) Add(level, index, "is not what the leaves below it give, or lies beyond the tree");
        }, cancellation, scan.Tree.Size);
    }

    /// <summary>Upper tiles are taken to, once there is one: they cover most of what lies before them.</summary>
    private bool CoversUnread(int level, long index) =>
        level == 0 ? scan.FirstUnread <= (index + 1) * HashTree.TileWidth && scan.LastUnread > index * HashTree.TileWidth : scan.FirstUnread < long.MaxValue;

    private async Task LoadAsync(long until, CancellationToken cancellation)
    {
        Unreadable("journal_checkpoints", await snapshot.ReadAsync(CheckpointsSql, row =>
        {
            var note = new StoredNote(row.GetInt64(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3), row.GetBoolean(4));
            if (!_due.TryGetValue(note.Size, out var notes)) _due.Add(note.Size, notes = []);
            notes.Add(note);
        }, cancellation, _loaded, until));
        _loaded = until;
    }

    private void Verify(StoredNote stored, byte[] root, byte[] storedRoot)
    {
        if (Fault(stored) is { } fault)
        {
            findings.About("checkpoint", stored.Thing, fault);
            return;
        }

        if (scan.FirstUnread <= stored.Size) return;
        var checkpoint = Checkpoint.Parse(SignedNote.Parse(stored.Note).Text);
        if (!checkpoint.Root.Span.SequenceEqual(root) && !checkpoint.Root.Span.SequenceEqual(storedRoot))
            findings.About("checkpoint", stored.Thing, $"The checkpoint's root is not the root of the first {stored.Size} events.");
    }

    private string? Fault(StoredNote stored)
    {
        if (!SignedNote.TryParse(stored.Note, out var note, out var fault) || !Checkpoint.TryParse(note.Text, out var checkpoint, out fault))
            return $"The checkpoint can't be read: {fault}";
        var origin = Encoding.UTF8.GetString(stored.Origin);
        if (checkpoint.Size != stored.Size || checkpoint.Origin != origin) return "The checkpoint's row states another origin or size than its note.";
        return options.LogKey(origin) is { } key && !EcdsaNote.Verify(note, key) ? "The checkpoint is not signed by its log's key."
            : stored.IsAsWritten ? null : "The checkpoint is not byte for byte the note that was published.";
    }

    private async Task ReadTilesAsync(string sql, Action<int, long, byte[]> tile, CancellationToken cancellation, params object[] values) =>
        Unreadable("journal_tiles", await snapshot.ReadAsync(
            sql,
            row =>
            {
                var (level, index, hashes) = (row.GetInt16(0), row.GetInt64(1), row.GetFieldValue<byte[]>(2));
                tile(level, index, hashes);
                if (hashes.Length == HashTree.TileWidth * MerkleHash.Length && !TileHashSource.Root(hashes).AsSpan().SequenceEqual(row.GetFieldValue<byte[]>(3)))
                    Add(level, index, "has another root than its hashes make");
            },
            cancellation, values));

    private void Unreadable(string table, string? reason)
    {
        if (reason is not null) findings.About("unreadable", table, $"Rows can't be read: {reason}.");
    }

    private void Add(int level, long index, string what) => findings.About("tile", $"journal_tiles level={level} index={index}", $"The tile {what}.");

    private void Add(NpgsqlDataReader row, string what) =>
        findings.About("checkpoint", $"journal_checkpoints number={row.GetInt64(0)} size={row.GetInt64(2)}", $"The checkpoint {what}.");

    private sealed record StoredNote(long Number, byte[] Origin, long Size, byte[] Note, bool IsAsWritten)
    {
        public string Thing => $"journal_checkpoints number={Number} size={Size}";
    }
}
