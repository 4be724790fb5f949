using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Consents;

/// <summary>
/// An agency that took a document's key out (the key profile of a sealed copy) fetches the ciphertext that it opens, as often as it needs while the consent stands: the reading was recorded when the
/// key left, and without it these bytes tell nothing.
/// </summary>
public static class ReadCiphertext
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/consents/{id:guid}/evidence/{document:guid}/ciphertext", Get).RequireAuthorization(Policies.Clerk)
        .WithSummary("The ciphertext for a key that was taken out under this consent").Produces<byte[]>(StatusCodes.Status200OK, "application/octet-stream");

    /// <summary>Of which version this clerk's agency holds something under the consent, or why it gets nothing that belongs to it: nothing left, or it may not be read any more.</summary>
    /// <param name="consent">The consent.</param>
    /// <param name="reads">Under it, those by which it left.</param>
    /// <param name="grantee">The agency it names.</param>
    /// <param name="vault">The vault: one that is to be erased is closed.</param>
    /// <param name="state">The document, likewise.</param>
    /// <param name="asked">By whom, for which document, at which version.</param>
    /// <param name="now">The journal's time.</param>
    public static (int? Version, Denial? Denial) Covered(
        Consent consent, IEnumerable<EvidenceRead> reads, Agency grantee, Vault vault, Document state, ReadEvidence asked, DateTimeOffset now)
    {
        if (consent.Granted is not { } granted || !grantee.Employs(asked.Clerk)) return (null, Denial.NotGrantee);
        if (consent.Revoked is not null) return (null, Denial.Revoked);
        if (now >= granted.Until) return (null, Denial.Expired);
        var read = reads.LastOrDefault(read => read.Document == asked.Document && (asked.Version ?? read.Version) == read.Version);
        if (read is null || state.Vault != granted.Vault) return (null, Denial.OutOfScope);
        if (Coverage.DenyErased(vault, state) is { } erased) return (null, erased);
        return grantee.MayRead(granted.Procedure, state.EvidenceType, now) ? (read.Version, null) : (null, Denial.NotHabilitated);
    }

    private static async Task<IResult> Get(
        Guid id, Guid document, int? version, HttpContext http, Person person, EvidenceReader reader, Journal journal, IBlobStore blobs, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { Granted: { } granted } consent) return Problems.Result(Refusal.NotFound);
        var reads = (await journal.FetchStreamAsync(id, cancellation: cancellation)).Select(stored => stored.Body).OfType<EvidenceRead>().Where(read => read.Profile == SealedProfiles.Key);
        var grantee = await reader.GranteeAsync(granted, cancellation);
        var vault = await journal.AggregateStreamAsync<Vault>(granted.Vault, cancellation: cancellation) ?? Vault.Empty;
        var state = await journal.AggregateStreamAsync<Document>(document, cancellation: cancellation) ?? Document.Empty;
        var asked = new ReadEvidence(document, person.Id, version, null, null);
        var (number, denial) = Covered(consent, reads, grantee, vault, state, asked, await journal.NowAsync(cancellation));
        // Each is the same for whoever asks; the holder's log says why.
        if (denial is not null) await reader.RefuseAsync(http, id, granted, denial, asked, null, cancellation);
        if (number is null || state.Find(number.Value)?.Content is not { } content) return Problems.Result(Refusal.NotFound);
        if (await blobs.LengthAsync(content.Blob, cancellation) != content.SealedSize) return Problems.Result(Refusal.NotFound);
        http.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { NoStore = true, Private = true };
        http.Response.ContentLength = content.SealedSize;
        return Results.Stream(await blobs.OpenReadAsync(content.Blob, cancellationToken: cancellation), "application/octet-stream", $"{document}-v{number}.sealed");
    }
}
