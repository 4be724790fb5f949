using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>The holder says no, with a reason or without: the agency then does without these documents, or asks another way.</summary>
public sealed record RefuseAccessRequest(Guid By, Personal? Reason)
{
    public static Decision Decide(AccessRequest request, Vault vault, RefuseAccessRequest command, DateTimeOffset now) =>
        Answerable.Refuse(request, vault, command.By, now) is { } refusal ? refusal : Decision.Of(new AccessRefused(command.By, command.Reason));

    public sealed record No(string? Reason = null);

    public static Task<Outcome> Handle(Guid id, No no, Actor actor, ActRunner acts, RequestKeys keys, CancellationToken cancellation)
    {
        if (no.Reason is { Length: > AskForAccess.LongestMessage }) return Task.FromResult<Outcome>(ReasonTooLong);
        return acts.RunAsync(actor, async session =>
        {
            var request = await session.FetchForWriting<AccessRequest>(id, cancellation);
            if (request.State.Asked is not { } asked) return Refusal.NotFound;
            var vault = await session.FetchGuarded<Vault>(asked.Vault, cancellation);
            if (Answerable.Refuse(request.State, vault.State, actor.Person, session.Now) is { } refusal) return refusal;
            var reason = await keys.SealAsync(asked.Vault, TypedText.Clean(no.Reason), cancellation);
            session.NotAfter(asked.Expires);
            return session.Take(request, Decide(request.State, vault.State, new RefuseAccessRequest(actor.Person, reason), session.Now), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/access-requests/{id:guid}/refuse", Post).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("Say no to a request").Produces<AccessRequestView>();

    private static async Task<IResult> Post(
        Guid id, No? no, HttpContext http, ActRunner acts, RequestKeys keys, AccessRequestReader requests, CancellationToken cancellation)
    {
        var actor = http.Actor();
        var outcome = await Handle(id, no ?? new No(), actor, acts, keys, cancellation);
        return await http.AnswerAsync(outcome, () => requests.AnswerAsync(http, id, actor.Person, cancellation));
    }

    private static Refusal ReasonTooLong { get; } = new(
        "reason-too-long", "Le motif dépasse 2 000 caractères. Rien n'a été envoyé : raccourcissez-le.", 422);
}
