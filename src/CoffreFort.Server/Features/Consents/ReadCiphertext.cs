using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Documents;
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

    /// <summary>Which version's key this clerk's agency holds under the consent, or null: none, or the consent does not stand any more.</summary>
    public static int? Covered(Consent consent, IEnumerable<EvidenceRead> reads, Agencies.Agency grantee, Guid clerk, Guid document, int? version, DateTimeOffset now) =>
        consent.Granted is { } granted && grantee.Employs(clerk) && consent.Revoked is null && now < granted.Until && grantee.May(granted.Procedure, now)
            ? reads.LastOrDefault(read => read.Document == document && read.Profile == SealedProfiles.Key && (version ?? read.Version) == read.Version)?.Version
            : null;

    private static async Task<IResult> Get(
        Guid id, Guid document, int? version, HttpContext http, Person person, EvidenceReader reader, Journal journal, IBlobStore blobs, CancellationToken cancellation)
    {
        if (await reader.FindAsync(id, cancellation) is not { Granted: { } granted } consent) return Problems.Result(Refusal.NotFound);
        var reads = (await journal.FetchStreamAsync(id, cancellation: cancellation)).Select(stored => stored.Body).OfType<EvidenceRead>();
        var grantee = await reader.GranteeAsync(granted, cancellation);
        var number = Covered(consent, reads, grantee, person.Id, document, version, await journal.NowAsync(cancellation));
        var state = number is null ? null : await journal.AggregateStreamAsync<Document>(document, cancellation: cancellation);
        if (state?.Find(number!.Value)?.Content is not { } content) return Problems.Result(Refusal.NotFound);
        if (await blobs.LengthAsync(content.Blob, cancellation) != content.SealedSize) return Problems.Result(Refusal.NotFound);
        http.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { NoStore = true, Private = true };
        http.Response.ContentLength = content.SealedSize;
        return Results.Stream(await blobs.OpenReadAsync(content.Blob, cancellationToken: cancellation), "application/octet-stream", $"{document}-v{number}.sealed");
    }
}
