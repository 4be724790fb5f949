using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Usage;
using CoffreFort.Server.Web;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Features.Log;

/// <summary>The proof that an event stands in the published log, for whoever may have its receipt: verified offline, against the checkpoint that comes with it.</summary>
public sealed class ProveInclusion(SeeReceipt receipts, PublishedLog log, JournalTree tree)
{
    public static readonly Refusal NotYet = new(
        "not-published-yet", "Cet événement est enregistré, mais aucun point de contrôle signé ne le couvre encore. Réessayez dans quelques instants.", 409);

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/proofs/inclusion", Get).RequireAuthorization(Policies.SignedIn)
        .WithSummary("An event's place in the published log, with the hashes that prove it; as text/plain a C2SP tlog-proof")
        .Produces<Proof>().Produces<string>(200, "text/plain");

    private static async Task<IResult> Get(Guid @event, Person person, HttpRequest request, ProveInclusion proofs, CancellationToken cancellation)
    {
        var (proof, refusal) = await proofs.FindAsync(@event, person, cancellation);
        if (proof is null) return Problems.Result(refusal!);
        return request.Headers.Accept.ToString().StartsWith("text/plain", StringComparison.OrdinalIgnoreCase)
            ? Results.Text(Portable(proof).ToString(), "text/plain", Encoding.UTF8)
            : Results.Ok(proof);
    }

    /// <summary>The proof, or why there is none (yet).</summary>
    public async Task<(Proof? Proof, Refusal? Refusal)> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        if (await receipts.FindAsync(id, person, cancellation) is not { } receipt) return (null, Refusal.NotFound);
        if (await log.NewestAsync(cancellation) is not { } newest || newest.Size < receipt.Position) return (null, NotYet);
        var index = receipt.Position - 1;
        var commitment = await tree.CommitmentAsync(index, cancellation);
        var leaf = new byte[MerkleHash.Length];
        MerkleHash.Leaf(commitment, leaf);
        var hashes = await tree.InclusionProofAsync(index, newest.Size, cancellation);
        // A proof that does not hold must not leave: whoever received it would have to think that the log lies.
        if (!InclusionProof.Verify(index, newest.Size, leaf, hashes, newest.Root.Span))
            throw new JournalDamagedException(receipt.Position, $"Event {receipt.Position} is not what the checkpoint of {newest.Size} events was signed over.");
        return (new Proof(id, receipt.Position, index, newest.Size, Base64(newest.Root.Span), Base64(commitment), Base64(leaf), [.. hashes.Select(hash => Base64(hash))], newest.Note), null);
    }

    private static TlogProof Portable(Proof proof) => new(
        proof.LeafIndex, [.. proof.Hashes.Select(Convert.FromBase64String)], SignedNote.Parse(Encoding.UTF8.GetBytes(proof.Checkpoint)));

    private static string Base64(ReadOnlySpan<byte> bytes) => Convert.ToBase64String(bytes);

    /// <param name="Event">The event.</param>
    /// <param name="Position">Its position in the journal, from 1.</param>
    /// <param name="LeafIndex">Its leaf's index in the tree, from 0.</param>
    /// <param name="TreeSize">The size of the tree that the proof is for.</param>
    /// <param name="RootHash">That tree's root, base 64: it stands in the checkpoint.</param>
    /// <param name="Commitment">The leaf's data, base 64: SHA-256 of the event's canonical bytes.</param>
    /// <param name="LeafHash">SHA-256 of a zero byte and the commitment, base 64.</param>
    /// <param name="Hashes">The inclusion proof, the leaf's sibling first, base 64.</param>
    /// <param name="Checkpoint">The signed note.</param>
    public sealed record Proof(
        Guid Event, long Position, long LeafIndex, long TreeSize, string RootHash, string Commitment, string LeafHash, IReadOnlyList<string> Hashes, string Checkpoint);
}
