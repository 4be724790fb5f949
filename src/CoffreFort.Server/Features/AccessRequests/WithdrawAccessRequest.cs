using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>The agency no longer asks; any of its clerks may say so while nobody has answered.</summary>
public sealed record WithdrawAccessRequest(Guid By)
{
    public static Decision Decide(AccessRequest request, Agency agency, WithdrawAccessRequest command, DateTimeOffset now)
    {
        if (request.Asked is null || !agency.Employs(command.By)) return Refusal.NotFound;
        return Answerable.Refuse(request, now) is { } refusal ? refusal : Decision.Of(new AccessRequestWithdrawn(command.By));
    }

    public static async Task<Outcome> Handle(Guid id, Actor actor, ActRunner acts, AgencyFinder agencies, CancellationToken cancellation)
    {
        // Whose agency it is must be known before the session: it stands in the headers of what is written.
        if (await agencies.OfClerkAsync(actor.Person, cancellation) is not { } own) return Refusal.NotFound;
        return await acts.RunAsync(actor.For(own.Agency), async session =>
        {
            var request = await session.FetchForWriting<AccessRequest>(id, cancellation);
            if (request.State.Asked?.Agency != own.Agency) return Refusal.NotFound;
            var agency = await session.FetchGuarded<Agency>(own.Agency, cancellation);
            session.NotAfter(request.State.Asked.Expires);
            return session.Take(request, Decide(request.State, agency.State, new WithdrawAccessRequest(actor.Person), session.Now), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/access-requests/{id:guid}/withdraw", Post).RequireAuthorization(Policies.Clerk)
        .WithSummary("No longer ask").Produces<AccessRequestView>();

    private static async Task<IResult> Post(
        Guid id, HttpContext http, ActRunner acts, AgencyFinder agencies, AccessRequestReader requests, CancellationToken cancellation)
    {
        var actor = http.Actor();
        var outcome = await Handle(id, actor, acts, agencies, cancellation);
        return await http.AnswerAsync(outcome, () => requests.AnswerAsync(http, id, actor.Person, cancellation));
    }
}
