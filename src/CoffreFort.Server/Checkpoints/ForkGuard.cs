using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Compares the journal's head with every checkpoint that was kept: the database's, the blob store's, the witnesses'. Changes nothing.</summary>
public sealed class ForkGuard(
    Journal journal, JournalCheckpoints checkpoints, NpgsqlDataSource database, LogKeys keys, LogSettings settings, IBlobStore blobs, Witnesses witnesses, BegunLog begun)
{
    private const string Database = "the journal's database";
    private const string Unsigned = "A refusal is not signed: make sure with that witness's operator that it was theirs before you act on it.";
    internal const string BlobStore = "the blob store";

    private readonly JournalTree _tree = new(database);

    /// <summary>What is kept somewhere and does not lead to this head; nothing when all is well.</summary>
    public async Task<ForkReport> CompareAsync(CancellationToken cancellation)
    {
        var findings = new List<ForkFinding>();
        var kept = new List<(string Place, string Note, Checkpoint Checkpoint)>();
        var last = await checkpoints.LastAsync(cancellation);
        if (last is not null) Read(Database, last.Note, kept, findings);
        await ReadCopyAsync(last, kept, findings, cancellation);
        // Last: whatever was published before is at or below it, also while other nodes write.
        var head = await journal.HeadAsync(cancellation);
        await CompareAsync(head, kept, findings, cancellation);
        if (await begun.FindAsync(cancellation) is { } accepted)
        {
            // What the ended log had cosigned says nothing any more; of the new one the witnesses are asked before anything is published.
            findings.RemoveAll(finding => Covers(accepted, finding, kept));
            return new ForkReport(head.Size, head.Root, last, findings, "the log that they know was ended by an operator's act") { Begun = accepted.ContinuedAs };
        }

        if (last is null || findings.Count > 0) return new ForkReport(head.Size, head.Root, last, findings, last is null ? "nothing was published" : "what is kept here differs already");
        await AskWitnessesAsync(last, head, findings, cancellation);
        return new ForkReport(head.Size, head.Root, last, findings, witnesses.Count > 0 ? null : "none is configured (Witness:Url, Witness:Key)");
    }

    /// <summary>Whether an operator has accepted that something doesn't lead to this head.</summary>
    private static bool Covers(RestoredJournalAccepted accepted, ForkFinding finding, List<(string Place, string Note, Checkpoint Checkpoint)> kept) => finding switch
    {
        { Note: { } note } => accepted.Checkpoints.Contains(note),
        // The copy of the new log's first checkpoint stands beside the old log's row when somebody died between the two.
        { Kind: ForkKind.Foreign } => kept.All(one => one.Checkpoint.Origin == accepted.ContinuedAs || one.Checkpoint.Origin == accepted.Log || accepted.Checkpoints.Contains(one.Note)),
        _ => false,
    };

    private void Read(string place, string note, List<(string, string, Checkpoint)> kept, List<ForkFinding> findings)
    {
        if (keys.Fault(note, out var checkpoint) is { } fault)
            findings.Add(new ForkFinding(place, ForkKind.Foreign, $"{place} keeps a checkpoint that is not one of ours: {fault}", note));
        else if (!settings.Owns(checkpoint!.Origin))
            findings.Add(new ForkFinding(place, ForkKind.Misnamed, $"{place} keeps a checkpoint of the log {checkpoint.Origin}, but Log:Origin says {settings.Origin}. A log keeps its origin: set it back.", note));
        else kept.Add((place, note, checkpoint));
    }

    private async Task ReadCopyAsync(StoredCheckpoint? last, List<(string, string, Checkpoint Checkpoint)> kept, List<ForkFinding> findings, CancellationToken cancellation)
    {
        try
        {
            var copy = await blobs.ReadCheckpointAsync(cancellation);
            if (copy is not null) Read(BlobStore, copy.Note, kept, findings);
            else if (last is not null)
                findings.Add(new ForkFinding(BlobStore, ForkKind.Missing, "the blob store has lost its copy of the last checkpoint. Is it the right one, and was it restored from a backup?"));
        }
        catch (BlobStoreException unavailable)
        {
            findings.Add(new ForkFinding(BlobStore, ForkKind.Unreachable, $"the blob store can't be asked for its copy of the last checkpoint: {unavailable.Message}"));
        }
    }

    private async Task CompareAsync(
        JournalHead head, List<(string Place, string Note, Checkpoint Checkpoint)> kept, List<ForkFinding> findings, CancellationToken cancellation)
    {
        foreach (var (place, note, checkpoint) in kept)
        {
            if (checkpoint.Size > head.Size)
                findings.Add(new ForkFinding(place, ForkKind.Older, $"{place} keeps a checkpoint over {checkpoint.Size} events, but the journal holds only {head.Size}", note, checkpoint.Size));
            else if (!await LeadsThroughAsync(head, checkpoint, cancellation))
                findings.Add(new ForkFinding(place, ForkKind.Different, $"{place} keeps a checkpoint over {checkpoint.Size} events, and the journal's first {checkpoint.Size} are not those", note, checkpoint.Size));
        }

        if (kept.Select(one => one.Checkpoint.Origin).Distinct().Count() > 1)
            findings.Add(new ForkFinding(BlobStore, ForkKind.Foreign, "the journal's database and the blob store keep checkpoints of different logs: they are not of the same time"));
    }

    /// <summary>A proof from the stored tiles needs no trust in them. Where it does not hold, the leaves tell a damaged tile, which the signer will name, from another journal.</summary>
    private async Task<bool> LeadsThroughAsync(JournalHead head, Checkpoint checkpoint, CancellationToken cancellation)
    {
        try
        {
            var proof = checkpoint.Size == 0 ? [] : await _tree.ConsistencyProofAsync(checkpoint.Size, head.Size, cancellation);
            if (checkpoint.Size == 0 || ConsistencyProof.Verify(checkpoint.Size, head.Size, checkpoint.Root.Span, head.Root.Span, proof)) return true;
            var roots = await LeafWalk.RootsAsync(database, [checkpoint.Size, head.Size], cancellation);
            return roots[checkpoint.Size].AsSpan().SequenceEqual(checkpoint.Root.Span) && roots[head.Size].AsSpan().SequenceEqual(head.Root.Span);
        }
        catch (JournalDamagedException)
        {
            return false;
        }
    }

    /// <summary>Asking for the cosignature of what was published long ago changes nothing at a witness that has it.</summary>
    private async Task AskWitnessesAsync(StoredCheckpoint last, JournalHead head, List<ForkFinding> findings, CancellationToken cancellation)
    {
        if (witnesses.Count == 0) return;
        var asked = await witnesses.CosignAsync(SignatureOfOurs(last), last.Size, _tree.ConsistencyProofAsync, cancellation);
        // Read again: other nodes may write, and have more cosigned, while the witnesses answer.
        if (asked.Missing.Any(one => one.Answer is WitnessAnswer.Ahead)) head = await journal.HeadAsync(cancellation);
        foreach (var (name, answer) in asked.Missing)
        {
            var place = $"the witness {name}";
            if (answer is WitnessAnswer.Ahead ahead && ahead.Size > head.Size)
                findings.Add(new ForkFinding(place, ForkKind.Older, $"{place} has cosigned {ahead.Size} events, but the journal holds only {head.Size}. {Unsigned}", Size: ahead.Size));
            else if (answer is WitnessAnswer.Forked forked)
                findings.Add(new ForkFinding(place, ForkKind.Different, $"{place} refuses what this journal published: {forked.Problem} {Unsigned}"));
            else if (answer is WitnessAnswer.Refused or WitnessAnswer.Silent)
                findings.Add(new ForkFinding(place, ForkKind.Unreachable, $"{place} can't be compared with: {Publication.Say([new MissingCosignature(name, answer)])}"));
        }
    }

    /// <summary>The note without cosignatures, as it was first handed to a witness.</summary>
    private string SignatureOfOurs(StoredCheckpoint last)
    {
        var note = SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(last.Note));
        return new SignedNote(note.Text, note.SignaturesOf(keys.VerifierKey(last.Origin))).ToString();
    }
}
