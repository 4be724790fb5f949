using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>
/// The second person, another one and from the other side, confirms a certificate after comparing its fingerprint with what the first one says by another way.
/// From then on sealed copies are sealed for it.
/// </summary>
public sealed record ConfirmCertificate(string Fingerprint, Guid By, bool IsOperator)
{
    public static Decision Decide(Agency agency, ConfirmCertificate command)
    {
        if (!agency.Employs(command.By) && !command.IsOperator) return Refusal.NotFound;
        if (agency.FindCertificate(command.Fingerprint) is not { } certificate) return Refusal.NotFound;
        if (certificate.IsRevoked) return CertificateRefusals.Ended;
        if (certificate.IsEnrolled) return Decision.Nothing;
        // Whoever proposed it for the agency and has left it since speaks for it no more.
        if (certificate.Side == Sides.Agency && !agency.Employs(certificate.ProposedBy)) return CertificateRefusals.ProposerLeft;
        // An operator is one also when they were appointed clerk, which operators do: they can't be both sides.
        var fromTheOtherSide = certificate.Side == Sides.Agency ? command.IsOperator : agency.Employs(command.By) && !command.IsOperator;
        return certificate.ProposedBy == command.By || !fromTheOtherSide
            ? CertificateRefusals.SecondPerson
            : Decision.Of(new CertificateEnrolled(command.Fingerprint, command.By));
    }

    public static async Task<Outcome> Handle(
        Guid agency, string fingerprint, Person person, Actor actor, ActRunner acts, RecipientCheck check, Journal journal, CancellationToken cancellation)
    {
        var command = new ConfirmCertificate(fingerprint, person.Id, person.Is(Kinds.Operator));
        var state = await journal.AggregateStreamAsync<Agency>(agency, cancellation: cancellation) ?? Agency.Empty;
        // It may have ended since it was proposed. Whether this person may know of it is decided first.
        if (Decide(state, command) is { Refusal: null, Events.Count: > 0 }
            && check.Find(Convert.FromBase64String(state.FindCertificate(fingerprint)!.Encoded), await journal.NowAsync(cancellation)).Refusal is { } refusal) return refusal;
        return await acts.RunAsync<Agency>(actor, agency, (now, _) => Decide(now, command), cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/agencies/{id:guid}/certificates/{fingerprint}/confirm", Post).RequireAuthorization(Policies.ClerkOrOperator)
        .WithSummary("Confirm a proposed certificate, as the second person from the other side").Produces<Paged<CertificateView>>();

    private static async Task<IResult> Post(
        Guid id, string fingerprint, HttpContext http, Person person, ActRunner acts, RecipientCheck check, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(id, fingerprint, person, http.Actor(), acts, check, journal, cancellation);
        return await http.AnswerAsync(outcome, () => SeeCertificates.AnswerAsync(http, id, journal, cancellation));
    }
}
