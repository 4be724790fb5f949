using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Receipts;
using CoffreFort.Server.Sealing;
using CoffreFort.Server.Web;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Features.Usage;

/// <summary>
/// An event's receipt: where it stands in the journal, under which hash, and the signed checkpoint and proof that hold the operator to it. For a deposit
/// also what NF Z42-020 asks to be kept.
/// </summary>
public sealed class SeeReceipt(
    ReceiptEvents events, ReceiptIssuer issuer, SealTimestamps timestamps, Journal journal, JournalCheckpoints checkpoints, JournalTree tree, LogStatus log)
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/receipts/{event:guid}", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("An event's receipt, for the holder whom it concerns and for who did it").Produces<Receipt>();

    private static async Task<IResult> Get(Guid @event, Person person, SeeReceipt receipts, CancellationToken cancellation) =>
        await receipts.FindAsync(@event, person, cancellation) is { } receipt ? Results.Ok(receipt) : Problems.Result(Refusal.NotFound);

    /// <summary>Null when there is no such event, or it is not this person's to see.</summary>
    public async Task<Receipt?> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        if (await events.FindAsync(id, person, cancellation) is not { Stored: { } stored } found) return null;
        var head = await journal.HeadAsync(cancellation);
        var proof = await ProofAsync(stored, cancellation);
        var grade = (await log.SealsAsync(cancellation)).GradeOf(proof is not null, proof?.Timestamp is not null);
        var statement = Statement.Of(stored);
        var kept = await issuer.FindAsync(id, cancellation);
        var sealedAs = (statement is null || found.Vault is null) && kept is null ? null : new Sealed($"/api/v1/receipts/{id}/signed", kept?.Level, ReasonOf(kept));
        return new Receipt(
            id, stored.Type, stored.StreamId, stored.Version, stored.Position, stored.Timestamp, Convert.ToHexStringLower(stored.LeafHash.Span),
            new Head(head.Size, Convert.ToHexStringLower(head.Root.Span)), DepositOf(statement), grade.Grade, grade.Reason, proof, sealedAs);
    }

    /// <summary>Under the first timestamped checkpoint that covers the event, else under the first checkpoint; null before there is one.</summary>
    private async Task<Proof?> ProofAsync(StoredEvent stored, CancellationToken cancellation)
    {
        var covered = stored.Position;
        var stamped = await checkpoints.StampedAsync(covered, cancellation);
        if ((stamped?.Checkpoint ?? await checkpoints.CoveringAsync(covered, cancellation)) is not { } checkpoint) return null;
        var hashes = await tree.InclusionProofAsync(covered - 1, checkpoint.Size, cancellation);
        // A proof that does not hold must not leave: whoever received it would have to think that the log lies.
        var root = Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes(checkpoint.Note)).Text).Root;
        if (!InclusionProof.Verify(covered - 1, checkpoint.Size, stored.LeafHash.Span, hashes, root.Span))
            throw new JournalDamagedException(covered, $"Event {covered} is not what the checkpoint of {checkpoint.Size} events was signed over.");
        return new Proof(
            checkpoint.Note, covered - 1, [.. hashes.Select(Convert.ToHexStringLower)], stamped is null ? null : Convert.ToBase64String(stamped.Token.Span));
    }

    private static Deposit? DepositOf(Statement? statement) =>
        statement?.Deposit is { } e ? new Deposit(e.ObjectId, e.DepositorId, e.DepositDate, e.Size, e.HashAlgorithm, e.Hash) : null;

    private string ReasonOf(IssuedReceipt? kept) =>
        kept?.Token is not null ? "timestamped" : timestamps.IsConfigured ? "timestamp-pending" : "no-authority-configured";

    /// <param name="LeafHash">RFC 6962, lower-case hex.</param>
    /// <param name="Head">The journal now: a proof of inclusion leads from the leaf to its root.</param>
    /// <param name="Grade"><c>evidence</c>, or <c>plain</c>: it says what the journal holds, and proves nothing.</param>
    /// <param name="GradeReason">Why: <c>timestamped</c>, <c>timestamp-pending</c>, <c>no-authority-configured</c>, <c>no-checkpoint-yet</c>, <c>unsealed-too-long</c>.</param>
    /// <param name="Sealed">The same as a file that proves by itself, for a deposit, a reading or an erasure.</param>
    public sealed record Receipt(
        Guid Event, string Type, Guid Stream, long Version, long Position, DateTimeOffset At, string LeafHash, Head Head, Deposit? Deposit,
        string Grade, string GradeReason, Proof? Proof, Sealed? Sealed);

    /// <param name="Address">Where it is given out.</param>
    /// <param name="Level"><c>CAdES-B-T</c>, with an authority's timestamp, or <c>CAdES-B-B</c>, without; null while nobody has asked for it.</param>
    /// <param name="Reason">Why: <c>timestamped</c>, <c>timestamp-pending</c>, <c>no-authority-configured</c>.</param>
    public sealed record Sealed(string Address, string? Level, string Reason);

    /// <param name="Checkpoint">The log's signed note (C2SP tlog-checkpoint) whose tree the event is in.</param>
    /// <param name="Index">The leaf's index in that tree.</param>
    /// <param name="Hashes">From the leaf to the root (RFC 9162), lower-case hex.</param>
    /// <param name="Timestamp">An authority's token over the checkpoint (RFC 3161, DER, base 64), when there is one.</param>
    public sealed record Proof(string Checkpoint, long Index, IReadOnlyList<string> Hashes, string? Timestamp);

    public sealed record Head(long Size, string Root);

    /// <summary>The six metadata of NF Z42-020. The hash is the sealed content's: one of the plaintext would let forms be guessed.</summary>
    public sealed record Deposit(string ObjectId, Guid DepositorId, DateTimeOffset DepositDate, long Size, string HashAlgorithm, string Hash);
}
