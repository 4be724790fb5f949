using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>Either side alone takes a certificate away, enrolled or only proposed, for good: a copy under way that has not been recorded yet is not delivered.</summary>
public sealed record RevokeCertificate(string Fingerprint, Guid By, bool IsOperator)
{
    public static Decision Decide(Agency agency, RevokeCertificate command)
    {
        if (!agency.Employs(command.By) && !command.IsOperator) return Refusal.NotFound;
        if (agency.FindCertificate(command.Fingerprint) is not { } certificate) return Refusal.NotFound;
        return certificate.IsRevoked ? Decision.Nothing : Decision.Of(new CertificateRevoked(command.Fingerprint, command.By));
    }

    public static Task<Outcome> Handle(Guid agency, string fingerprint, Person person, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunAsync<Agency>(actor, agency, (state, _) => Decide(state, new RevokeCertificate(fingerprint, person.Id, person.Is(Kinds.Operator))), cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/agencies/{id:guid}/certificates/{fingerprint}/revoke", Post).RequireAuthorization(Policies.ClerkOrOperator)
        .WithSummary("Take a certificate away, for good").Produces<Paged<CertificateView>>();

    private static async Task<IResult> Post(Guid id, string fingerprint, HttpContext http, Person person, ActRunner acts, Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(id, fingerprint, person, http.Actor(), acts, cancellation);
        return await http.AnswerAsync(outcome, () => SeeCertificates.AnswerAsync(http, id, journal, cancellation));
    }
}
