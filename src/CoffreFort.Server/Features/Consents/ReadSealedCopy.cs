using CoffreFort.Cryptography.Cms;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Web;
using Microsoft.Net.Http.Headers;

namespace CoffreFort.Server.Features.Consents;

/// <summary>
/// A clerk takes evidence out as a sealed copy: encrypted for the agency's enrolled certificate, under this installation's seal. It is made first, then the read is recorded, then it leaves:
/// a copy that can't be made costs no use, and one that comes after a revocation is thrown away.
/// </summary>
public static class ReadSealedCopy
{
    private const string MediaType = "application/pkcs7-mime";

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/consents/{id:guid}/evidence/{document:guid}/sealed", Get).RequireAuthorization(Policies.Clerk)
        .WithSummary("A sealed copy for the agency's certificate, saying why: profile=document (up to 25 MiB) or key. Each is one read").Produces<byte[]>(StatusCodes.Status200OK, MediaType);

    private static async Task<IResult> Get(
        Guid id, Guid document, string? reason, int? version, string? profile, HttpContext http, Person person, EvidenceReader reader, RecipientCheck check,
        SealedDelivery delivery, Journal journal, CancellationToken cancellation)
    {
        if (profile is not (null or SealedProfiles.Document or SealedProfiles.Key)) return Problems.Result(UnknownProfile);
        var command = new ReadEvidence(document, person.Id, version, Deliveries.Sealed, null) { Profile = profile ?? SealedProfiles.Document };
        var (admitted, refusal) = await reader.AdmitAsync(http, id, command, reason, cancellation);
        if (admitted is null) return Problems.Result(refusal!);
        if (command.Profile == SealedProfiles.Document && admitted.Version.Content.Size > SealedCopy.LongestDocument) return Problems.Result(TooLong);
        var enrolled = admitted.Grantee.Recipient!;
        var (recipient, fault) = check.Find(Convert.FromBase64String(enrolled.Encoded), await journal.NowAsync(cancellation));
        if (recipient is null)
        {
            var denial = Denial.Certificate(fault!);
            await reader.RefuseAsync(http, id, admitted.Granted, denial, command, admitted.Reason, cancellation);
            return Problems.Result(denial.Told);
        }

        var (copy, unfit) = await delivery.MakeAsync(id, admitted, recipient, cancellation);
        if (copy is null) return Problems.Result(unfit!);
        var outcome = await reader.RecordAsync(http, id, admitted.Granted, admitted.Command with { Recipient = enrolled.Fingerprint }, admitted.Reason, cancellation);
        if (outcome.Refusal is { } late) return Problems.Result(late);
        if (outcome.Written is { } written) Views.ReadPosition.Tell(http, written.LastPosition);
        http.Response.GetTypedHeaders().CacheControl = new CacheControlHeaderValue { NoStore = true, Private = true };
        return Results.Bytes(copy, $"{MediaType}; smime-type=signed-data", $"{document}-v{admitted.Version.Number}.p7m");
    }

    private static Refusal UnknownProfile { get; } = new("unknown-profile", "Une copie scellée contient le document (document) ou sa clé (key).", 400);

    private static Refusal TooLong { get; } = new(
        "too-long-for-sealed-copy", "Ce document dépasse 25 Mio : demandez sa clé (profile=key) et son contenu chiffré. Aucune lecture n'a été comptée.", 422);
}
