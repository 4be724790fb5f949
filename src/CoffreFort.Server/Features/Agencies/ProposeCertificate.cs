using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>
/// A certificate is enrolled by two people from two sides, a clerk of the agency and an operator: whoever could alone put a key in an agency's place could have every sealed copy opened.
/// This is the first of them.
/// </summary>
public sealed record ProposeCertificate(string Fingerprint, string Certificate, Guid By, bool IsOperator)
{
    /// <summary>More than an agency ever has; it bounds what a proposal can make the journal hold.</summary>
    public const int MostCertificates = 100;

    /// <summary>In characters: several times what a certificate takes.</summary>
    public const int LongestPem = 16 * 1024;

    public static Decision Decide(Agency agency, ProposeCertificate command)
    {
        if (agency.Kind.Length == 0 || !(agency.Employs(command.By) || command.IsOperator)) return Refusal.NotFound;
        if (agency.FindCertificate(command.Fingerprint) is { } known) return known.IsRevoked ? CertificateRefusals.Ended : Decision.Nothing;
        if (agency.Certificates.Count >= MostCertificates) return CertificateRefusals.TooMany;
        var side = command.IsOperator ? Sides.Operator : Sides.Agency;
        return Decision.Of(new CertificateProposed(command.Fingerprint, command.Certificate, command.By, side));
    }

    public static async Task<Outcome> Handle(
        Guid agency, string pem, Person person, Actor actor, ActRunner acts, RecipientCheck check, Journal journal, CancellationToken cancellation)
    {
        // Not yours is told before what is wrong with what was sent.
        var state = await journal.AggregateStreamAsync<Agency>(agency, cancellation: cancellation) ?? Agency.Empty;
        if (Decide(state, new ProposeCertificate("", "", person.Id, person.Is(Kinds.Operator))).Refusal is { Status: 404 } unknown) return unknown;
        if (pem.Length > LongestPem) return CertificateRefusals.NotPem;
        byte[] encoded;
        try
        {
            using var read = X509Certificate2.CreateFromPem(pem);
            encoded = read.RawData;
        }
        catch (CryptographicException)
        {
            return CertificateRefusals.NotPem;
        }

        if (check.Find(encoded, await journal.NowAsync(cancellation)).Refusal is { } refusal) return refusal;
        var command = new ProposeCertificate(Convert.ToHexStringLower(SHA256.HashData(encoded)), Convert.ToBase64String(encoded), person.Id, person.Is(Kinds.Operator));
        return await acts.RunAsync<Agency>(actor, agency, (state, _) => Decide(state, command), cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/agencies/{id:guid}/certificates", Post).RequireAuthorization(Policies.ClerkOrOperator)
        .WithSummary("Propose a certificate of the agency's; somebody of the other side must confirm it").Produces<Paged<CertificateView>>();

    private static async Task<IResult> Post(
        Guid id, NewCertificate body, HttpContext http, Person person, ActRunner acts, RecipientCheck check, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(id, body.Certificate ?? "", person, http.Actor(), acts, check, journal, cancellation);
        return await http.AnswerAsync(outcome, () => SeeCertificates.AnswerAsync(http, id, journal, cancellation));
    }
}

/// <param name="Certificate">PEM.</param>
public sealed record NewCertificate(string? Certificate = null);

internal static class CertificateRefusals
{
    public static Refusal NotPem { get; } = new("certificate-unreadable", "Ce n'est pas un certificat X.509 en PEM. Rien n'a été enregistré.", 422);

    public static Refusal Ended { get; } = new("certificate-ended", "Ce certificat a été retiré : il ne peut plus servir. Faites-en inscrire un autre.");

    public static Refusal ProposerLeft { get; } = new(
        "proposer-left", "L'agent qui a proposé ce certificat n'agit plus pour l'administration : un autre agent doit en proposer un. Rien n'a été enregistré.");

    public static Refusal TooMany { get; } = new("too-many-certificates", "Cette administration a déjà trop de certificats inscrits. Rien n'a été enregistré.");

    public static Refusal SecondPerson { get; } = new(
        "second-person-needed", "Un certificat est inscrit par deux personnes : un agent de l'administration et un exploitant. L'autre doit confirmer. Rien n'a été enregistré.");
}
