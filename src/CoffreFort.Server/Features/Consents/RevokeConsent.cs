using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>The holder ends a consent: from that position on no read of it can be recorded, on any node, and so no byte leaves under it.</summary>
public sealed record RevokeConsent(Guid By)
{
    public static Decision Decide(Consent consent, Vault vault, RevokeConsent command) =>
        consent.Granted is null || vault.Holder != command.By ? Refusal.NotFound
        : consent.Revoked is not null ? Decision.Nothing
        : Decision.Of(new ConsentRevoked(command.By, RevocationCauses.Holder, null));

    public static Task<Outcome> Handle(Guid id, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunInTurnAsync(id, actor, async session =>
        {
            var consent = await session.FetchForWriting<Consent>(id, cancellation);
            var vault = await session.FetchGuarded<Vault>(consent.State.Granted?.Vault ?? Guid.Empty, cancellation);
            return session.Take(consent, Decide(consent.State, vault.State, new RevokeConsent(actor.Person)), actor);
        }, cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/consents/{id:guid}/revoke", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Revoke a consent; it bites at once").Produces<ConsentView>();

    private static async Task<IResult> Post(Guid id, HttpContext http, ActRunner acts, ConsentFinder consents, CancellationToken cancellation)
    {
        var outcome = await Handle(id, http.Actor(), acts, cancellation);
        return await http.AnswerAsync(outcome, async () => http.Shown((await consents.FindAsync(id, cancellation))!));
    }
}
