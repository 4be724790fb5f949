using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>
/// Publishes the next checkpoint: recomputes the new leaves from their stored bytes, compares the root with the head's, signs, has it witnessed, and
/// keeps it, outermost first: witness, blob store, database. Whoever dies in between leaves copies that are ahead of the database, and the
/// next run passes through them.
/// </summary>
/// <remarks>Not safe for concurrent use: whoever uses it has the turn.</remarks>
public sealed class Publication(
    JournalCheckpoints checkpoints, JournalTree tree, LogKeys keys, LogSettings settings, IBlobStore blobs, Witnesses witnesses, BegunLog begun)
{
    private SignedTree? _last;
    private string? _comparedCopy;

    /// <summary>Whose cosignature the last one lacks.</summary>
    public IReadOnlyList<MissingCosignature> Missing { get; private set; } = [];

    /// <summary>Publishes a checkpoint over the head, if it has moved.</summary>
    /// <param name="connection">Holds the turn: the last step needs it, so whoever lost the turn publishes nothing.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <returns>Whether there was anything to publish.</returns>
    /// <exception cref="CheckpointRefusedException">What is stored is not what was appended or published.</exception>
    public async Task<bool> PublishAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (_last is null && await begun.FindAsync(cancellation) is { ContinuedAs: { } origin })
        {
            await BeginAsync(connection, origin, cancellation);
            return true;
        }

        var last = await LastAsync(connection, cancellation);
        var copy = await blobs.ReadCheckpointAsync(cancellation);
        // Nothing of it is out: the log begins here, and so does its key.
        if (last.Number == 0 && copy is null) keys.Make(last.Origin);
        var through = await CompareAsync(copy, last, cancellation);
        // Last: whatever another node published meanwhile is at or below it.
        var head = await StoredHead.ReadAsync(connection, cancellation);
        if (head.Size < last.Frontier.Size)
            throw new CheckpointRefusedException(head.Size + 1, $"The journal ends at {head.Size}, but {last.Frontier.Size} events were published: events were removed while the server ran.");
        var grown = await GrowAsync(connection, last, head, through, cancellation);
        if (head.Size == last.Frontier.Size) return false;
        await PublishAsync(connection, last.Origin, grown, copy?.Tag, cancellation);
        return true;
    }

    /// <summary>Begins another log with the whole journal, recomputed from its first event, after a restored journal was accepted.</summary>
    public async Task BeginAsync(NpgsqlConnection connection, string origin, CancellationToken cancellation)
    {
        var copy = await blobs.ReadCheckpointAsync(cancellation);
        // Whoever died between the copy and the row left the new log's own first checkpoint, and the way must pass through it.
        var through = copy is not null && keys.Fault(copy.Note, out var kept) is null && kept!.Origin == origin ? kept : null;
        var head = await StoredHead.ReadAsync(connection, cancellation);
        var least = through?.Size ?? head.Size;
        var from = begun.Recomputed is { } tree && tree.Origin == origin && tree.Frontier.Size <= least ? tree : new SignedTree(0, origin, Frontier.Empty);
        var grown = await GrowAsync(connection, from, head, through, cancellation);
        begun.Recomputed = new SignedTree(0, origin, grown);
        await PublishAsync(connection, origin, grown, copy?.Tag, cancellation);
    }

    private async Task<SignedTree> LastAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        var stored = await checkpoints.LastAsync(cancellation);
        if (_last is null || _last.Number != (stored?.Number ?? 0))
            (_last, _comparedCopy) = (await SignedTree.LoadAsync(stored, settings, keys, connection, cancellation), null);
        return _last;
    }

    /// <summary>The copy in the blob store must be on the way that leads here. One that is ahead of the database is given back: the way must pass through it.</summary>
    private async Task<Checkpoint?> CompareAsync(KeptCheckpoint? copy, SignedTree last, CancellationToken cancellation)
    {
        if (copy is null && last.Number > 0)
            throw new CheckpointRefusedException(null, "The copy of the last checkpoint is gone from the blob store.");
        if (copy is null) return null;
        if (keys.Fault(copy.Note, out var kept) is { } fault)
            throw new CheckpointRefusedException(null, $"The copy of the last checkpoint in the blob store is not one of ours: {fault}");
        if (kept!.Origin != last.Origin)
            throw new CheckpointRefusedException(null, $"The blob store keeps a checkpoint of the log {kept.Origin}; this journal's is {last.Origin}.");
        if (kept.Size > last.Frontier.Size) return kept;
        if (_comparedCopy == copy.Tag) return null;
        var proof = await tree.ConsistencyProofAsync(kept.Size, last.Frontier.Size, cancellation);
        if (!ConsistencyProof.Verify(kept.Size, last.Frontier.Size, kept.Root.Span, last.Frontier.Root(), proof))
            throw new CheckpointRefusedException(null, $"The first {kept.Size} events are not those of the checkpoint that the blob store keeps.");
        _comparedCopy = copy.Tag;
        return null;
    }

    /// <summary>Appends the leaves of the events that are stored to the tree that was signed; it must come out at the head's root.</summary>
    private static async Task<Frontier> GrowAsync(
        NpgsqlConnection connection, SignedTree last, StoredHead head, Checkpoint? through, CancellationToken cancellation)
    {
        if (through?.Size > head.Size)
            throw new CheckpointRefusedException(head.Size + 1, $"The journal ends at {head.Size}, but the blob store keeps a checkpoint over {through.Size} events.");
        var grown = last.Frontier;
        if (through is not null)
        {
            grown = await JournalTiles.ExtendAsync(connection, grown, through.Size, cancellation);
            if (!grown.Root().AsSpan().SequenceEqual(through.Root.Span))
                throw new CheckpointRefusedException(null, $"The first {through.Size} events are not those of the checkpoint that the blob store keeps.");
        }

        grown = await JournalTiles.ExtendAsync(connection, grown, head.Size, cancellation);
        if (!head.IsOf(grown)) throw new CheckpointRefusedException(null, $"The head's root over {head.Size} events is not the root over what is stored.");
        return grown;
    }

    private async Task PublishAsync(NpgsqlConnection connection, string origin, Frontier grown, string? tag, CancellationToken cancellation)
    {
        var text = new Checkpoint(origin, grown.Size, grown.Root()).ToString();
        var signed = new SignedNote(text, [keys.Sign(text, origin)]).ToString();
        var witnessed = await witnesses.CosignAsync(signed, grown.Size, tree.ConsistencyProofAsync, cancellation);
        await JudgeAsync(connection, origin, witnessed.Missing, cancellation);
        if (!await blobs.ReplaceCheckpointAsync(witnessed.Note, tag, cancellation))
            throw new InvalidOperationException("Another node replaced the copy in the blob store.");
        if (!await JournalCheckpoints.PublishAsync(connection, origin, grown.Size, witnessed.Note, cancellation))
            throw new InvalidOperationException("Another node published a checkpoint of this size.");
        Missing = witnessed.Missing;
    }

    /// <summary>Who did not cosign, and why, in words.</summary>
    public static string Say(IEnumerable<MissingCosignature> missing) => string.Join("; ", missing.Select(one => $"{one.Witness}: {one.Answer switch
    {
        WitnessAnswer.Silent silent => silent.Problem,
        WitnessAnswer.Refused refused => refused.Problem,
        WitnessAnswer.Forked forked => forked.Problem,
        WitnessAnswer.Ahead ahead => $"It stands at {ahead.Size} already.",
        _ => "",
    }}"));

    private async Task JudgeAsync(NpgsqlConnection connection, string origin, IReadOnlyList<MissingCosignature> missing, CancellationToken cancellation)
    {
        foreach (var (witness, answer) in missing)
        {
            if (answer is WitnessAnswer.Forked forked)
                throw new CheckpointRefusedException(null, $"The witness {witness} refuses to cosign: {forked.Problem}");
            if (answer is WitnessAnswer.Ahead ahead && ahead.Size > (await StoredHead.ReadAsync(connection, cancellation)).Size)
                throw new CheckpointRefusedException(null, $"The witness {witness} has cosigned {ahead.Size} events, more than the journal holds.");
        }

        if (!witnesses.Required || missing.Count == 0) return;
        var untold = missing.Any(one => one.Answer is WitnessAnswer.Refused) ? $" A witness follows this log once it is told its key: --log '{keys.VerifierKey(origin)}'" : "";
        throw new WitnessMissingException($"Waiting for cosignatures: {Say(missing)}{untold}");
    }
}
