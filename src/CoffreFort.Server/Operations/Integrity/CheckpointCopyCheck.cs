using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>
/// The copy of the last checkpoint that is kept beside the blobs: this log's, signed, and of this journal. It may be ahead of the database's by what a server was
/// publishing when it died, and never ahead of the journal.
/// </summary>
internal sealed class CheckpointCopyCheck(NpgsqlDataSource database, IBlobStore blobs, IntegrityReport report)
{
    private const string Thing = "blob .checkpoint";

    private const string LastSql = """
        select origin, note, (select greatest(size, (select max(seq_id) from coffrefort.mt_events)) from coffrefort.journal_head)
        from coffrefort.journal_checkpoints order by number desc limit 1
        """;

    private const string SameSizeSql = "select note from coffrefort.journal_checkpoints where origin = $1 and size = $2";

    /// <returns>The copy; null when there is none, or it can't be read.</returns>
    public async Task<string?> ReadAsync(CancellationToken cancellation)
    {
        try
        {
            // First: the copy is written before the row.
            await using var command = database.CreateCommand("select exists (select from coffrefort.journal_checkpoints)");
            var published = (bool)(await command.ExecuteScalarAsync(cancellation))!;
            if (await blobs.ReadCheckpointAsync(cancellation) is { } copy) return copy.Note;
            if (published) report.Damaged(Areas.Log, Thing, "is missing, though checkpoints were published; no server starts without it");
        }
        catch (BlobStoreException failure)
        {
            report.Damaged(Areas.Log, Thing, $"can't be read: {failure.InnerException?.Message ?? failure.Message}");
        }
        catch (PostgresException unreadable) when (ReadSnapshot.IsDamage(unreadable))
        {
            // Named where the rows are looked at.
        }

        return null;
    }

    public async Task CompareAsync(string copy, ReadSnapshot snapshot, Func<string, NoteVerifierKey?> logKey, CosignatureCheck cosignatures, CancellationToken cancellation)
    {
        report.LookedAt("checkpoint copies");
        if (await FaultAsync(copy, snapshot, logKey, cosignatures, cancellation) is { } fault) report.Damaged(Areas.Log, Thing, fault);
    }

    private async Task<string?> FaultAsync(
        string copy, ReadSnapshot snapshot, Func<string, NoteVerifierKey?> logKey, CosignatureCheck cosignatures, CancellationToken cancellation)
    {
        if (!SignedNote.TryParse(Encoding.UTF8.GetBytes(copy), out var note, out var fault) || !Checkpoint.TryParse(note.Text, out var checkpoint, out fault))
            return $"It can't be read: {fault}";
        var last = (await snapshot.TryListAsync(LastSql, row => new Stored(row.GetString(0), row.GetFieldValue<byte[]>(1), row.GetInt64(2)), cancellation)).Rows.FirstOrDefault();
        if (last is not null && checkpoint.Origin != last.Origin) return $"It is a checkpoint of the log {checkpoint.Origin}; this journal's is {last.Origin}.";
        if (logKey(checkpoint.Origin) is { } key && !EcdsaNote.Verify(note, key)) return "It is not signed by its log's key.";
        if (checkpoint.Size > last?.Size)
            return $"It covers {checkpoint.Size} events, and the journal holds {last.Size}: it is older than what was published.";
        return await cosignatures.FaultAsync(note, checkpoint.Origin, cancellation) ?? await TreeFaultAsync(note, checkpoint, snapshot, logKey, cosignatures, cancellation);
    }

    private async Task<string?> TreeFaultAsync(
        SignedNote copy, Checkpoint checkpoint, ReadSnapshot snapshot, Func<string, NoteVerifierKey?> logKey, CosignatureCheck cosignatures, CancellationToken cancellation)
    {
        var (same, _) = await snapshot.TryListAsync(SameSizeSql, row => row.GetFieldValue<byte[]>(0), cancellation, checkpoint.Origin, checkpoint.Size);
        if (same is [var bytes] && SignedNote.TryParse(bytes, out var stored, out _))
            return Difference(copy, stored, line => cosignatures.Known(line) is not null || (line.Name == checkpoint.Origin && line.KeyId == logKey(checkpoint.Origin)?.KeyId));
        try
        {
            var root = await new JournalTree(database).RootAsync(checkpoint.Size, cancellation);
            if (checkpoint.Root.Span.SequenceEqual(root)) return null;
            // A damaged tile, which the journal's check names, is told from another journal by the leaves.
            var walked = await LeafWalk.RootsAsync(database, [checkpoint.Size], cancellation);
            return checkpoint.Root.Span.SequenceEqual(walked[checkpoint.Size]) ? null : $"The journal's first {checkpoint.Size} events are not those that it was signed over.";
        }
        catch (Exception damaged) when (damaged is JournalDamagedException || ReadSnapshot.IsDamage(damaged))
        {
            report.Unchecked(Areas.Log, Thing, $"can't be held against the journal: {ReadSnapshot.ReasonOf(damaged)}");
            return null;
        }
    }

    /// <summary>
    /// Two nodes may have signed the same tree, one that died and its successor; else the two notes are the same. So the text must be, and who signed; and a line that
    /// was not verified must be byte for byte.
    /// </summary>
    private static string? Difference(SignedNote copy, SignedNote stored, Func<NoteSignature, bool> isVerified)
    {
        if (copy.Text != stored.Text) return "It is another checkpoint than the stored one of that size.";
        return copy.Signatures.Count == stored.Signatures.Count && copy.Signatures.All(line => stored.Signatures.Any(one => Same(one, line)))
            ? null
            : "It has other signature lines than the stored one.";

        bool Same(NoteSignature one, NoteSignature other) =>
            one.Name == other.Name && one.KeyId == other.KeyId && (isVerified(other) || one.Bytes.Span.SequenceEqual(other.Bytes.Span));
    }

    private sealed record Stored(string Origin, byte[] Note, long Size);
}
