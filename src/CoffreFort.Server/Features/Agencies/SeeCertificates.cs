using System.Security.Cryptography.X509Certificates;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>Anybody signed in sees for which certificates copies are, were or would be sealed: a holder finds there the one that a reading names.</summary>
public static class SeeCertificates
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/agencies/{id:guid}/certificates", (Guid id, HttpContext http, Journal journal, CancellationToken cancellation) =>
            AnswerAsync(http, id, journal, cancellation))
        .RequireAuthorization(Policies.SignedIn).WithSummary("An agency's certificates: proposed, enrolled and revoked").Produces<Paged<CertificateView>>();

    public static async Task<IResult> AnswerAsync(HttpContext http, Guid id, Journal journal, CancellationToken cancellation)
    {
        var (agency, version) = Fold.Of<Agency>(await journal.FetchStreamAsync(id, cancellation: cancellation));
        return agency.Kind.Length == 0 ? Problems.Result(Refusal.NotFound) : http.Versioned(new Paged<CertificateView>(Of(agency), null), version);
    }

    public static IReadOnlyList<CertificateView> Of(Agency agency) => [.. agency.Certificates.Select(one =>
    {
        using var read = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(one.Encoded));
        return new CertificateView(
            one.Fingerprint, one.State, one == agency.Recipient, read.Subject, read.Issuer, read.NotBefore.ToUniversalTime(), read.NotAfter.ToUniversalTime(), one.Side, one.ProposedBy, one.ConfirmedBy,
            read.ExportCertificatePem());
    })];
}

/// <param name="Fingerprint">SHA-256 of the certificate (DER), lower-case hex.</param>
/// <param name="State">proposed, enrolled or revoked.</param>
/// <param name="InUse">Copies are sealed for this one.</param>
/// <param name="Side">Who proposed it: agency or operator; the other one confirms.</param>
/// <param name="Certificate">PEM.</param>
public sealed record CertificateView(
    string Fingerprint, string State, bool InUse, string Subject, string Issuer, DateTimeOffset NotBefore, DateTimeOffset NotAfter, string Side, Guid ProposedBy, Guid? ConfirmedBy, string Certificate);
