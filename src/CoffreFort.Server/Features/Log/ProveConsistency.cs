using CoffreFort.EventStore;
using CoffreFort.Server.Web;
using CoffreFort.Transparency;

namespace CoffreFort.Server.Features.Log;

/// <summary>The proof, for anybody, that the log of one size is the beginning of the log of another: that nothing published was changed or taken away.</summary>
public sealed class ProveConsistency(PublishedLog log, JournalTree tree)
{
    public static readonly Refusal BadSizes = new(
        "bad-sizes", "Donnez deux tailles du journal publié : « from » au moins 1, « to » au moins égal à « from » ; sans « to », la dernière taille publiée.", 400);

    public static readonly Refusal Beyond = new("beyond-the-log", "Le journal publié n'est pas encore aussi long.", 404);

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/proofs/consistency", Get).AllowAnonymous()
        .WithSummary("The hashes that prove one size of the published log to be the beginning of another").Produces<Proof>();

    private static async Task<IResult> Get(long from, long? to, ProveConsistency proofs, CancellationToken cancellation)
    {
        var (proof, refusal) = await proofs.FindAsync(from, to, cancellation);
        return proof is null ? Problems.Result(refusal!) : Results.Ok(proof);
    }

    /// <summary>The proof, or why there is none.</summary>
    public async Task<(Proof? Proof, Refusal? Refusal)> FindAsync(long from, long? to, CancellationToken cancellation)
    {
        if (from < 1 || to < from) return (null, BadSizes);
        if (await log.NewestAsync(cancellation) is not { } newest || Math.Max(from, to ?? from) > newest.Size) return (null, Beyond);
        var second = to ?? newest.Size;
        var (older, newer) = (await log.AtAsync(newest.Origin, from, cancellation), await log.AtAsync(newest.Origin, second, cancellation));
        // What was signed counts; where nothing was, the tree itself.
        byte[] firstRoot = older?.Root.ToArray() ?? await tree.RootAsync(from, cancellation);
        byte[] secondRoot = newer?.Root.ToArray() ?? await tree.RootAsync(second, cancellation);
        var hashes = await tree.ConsistencyProofAsync(from, second, cancellation);
        if (!ConsistencyProof.Verify(from, second, firstRoot, secondRoot, hashes))
            throw new JournalDamagedException(null, $"The first {second} events are not what checkpoints were signed over.");
        return (new Proof(from, second, Base64(firstRoot), Base64(secondRoot), [.. hashes.Select(Base64)], older?.Note, newer?.Note), null);
    }

    private static string Base64(byte[] bytes) => Convert.ToBase64String(bytes);

    /// <param name="From">The older size.</param>
    /// <param name="To">The newer size.</param>
    /// <param name="FromRoot">The older root, base 64.</param>
    /// <param name="ToRoot">The newer root, base 64.</param>
    /// <param name="Hashes">The consistency proof in the order of RFC 9162, base 64; none between equal sizes.</param>
    /// <param name="FromCheckpoint">The signed note of the older size, if one was published at just that size.</param>
    /// <param name="ToCheckpoint">The signed note of the newer size, if one was published at just that size.</param>
    public sealed record Proof(long From, long To, string FromRoot, string ToRoot, IReadOnlyList<string> Hashes, string? FromCheckpoint, string? ToCheckpoint);
}
