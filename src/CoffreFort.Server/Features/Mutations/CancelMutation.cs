using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>The personnel service cancels a posting that has not taken effect: what the handover would have opened never opens, and what stands goes on.</summary>
public sealed record CancelMutation(Personal? Reason, Guid By)
{
    public static Decision Decide(Mutation state, CancelMutation command, DateTimeOffset now)
    {
        if (state.State == MutationState.None) return Refusal.NotFound;
        if (state.State == MutationState.Cancelled) return Decision.Nothing;
        return state.State == MutationState.Effective || state.IsDue(now)
            ? MutationRefusals.Effective
            : Decision.Of(new MutationCancelled(command.By, command.Reason));
    }

    public sealed record Cancellation(string? Reason = null);

    public static Task<Outcome> Handle(
        Guid id, string? reason, Actor actor, ActRunner acts, RequestKeys keys, DueMutations due, CancellationToken cancellation)
    {
        var stated = FileNames.CleanTitle(reason ?? "");
        if (stated.Length > 2000) return Task.FromResult<Outcome>(ReasonTooLong);
        return acts.RunAsync(actor, async session =>
        {
            var mutation = await session.FetchForWriting<Mutation>(id, cancellation);
            if (!mutation.Exists) return Refusal.NotFound;
            await due.EnsureAsync(session, mutation.State.Vault, cancellation);
            var vault = await session.FetchForWriting<Vault>(mutation.State.Vault, cancellation);
            // With its vault a mutation was cancelled too, and nothing can be said of it any more.
            var told = vault.State.Erasure.Erased ? null : await keys.SealAsync(mutation.State.Vault, stated.Length == 0 ? null : stated, cancellation);
            var decision = Decide(mutation.State, new CancelMutation(told, actor.Person), session.Now);
            // In the same append: from here on another posting may be announced.
            if (decision.Events.Count > 0) vault.Append(new PostingCancelled(id));
            return session.Take(mutation, decision, actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/mutations/{id:guid}/cancel", Post).RequireAuthorization(Policies.Personnel)
        .WithSummary("Cancel a posting").Produces<MutationView>();

    private static async Task<IResult> Post(
        Guid id, Cancellation? body, HttpContext http, ActRunner acts, RequestKeys keys, DueMutations due, MutationReader mutations, CancellationToken cancellation)
    {
        var outcome = await Handle(id, body?.Reason, http.Actor(), acts, keys, due, cancellation);
        return await http.AnswerAsync(outcome, () => mutations.AnswerAsync(http, id, created: false, cancellation));
    }

    private static Refusal ReasonTooLong { get; } = new("too-long", "Le motif a 2000 caractères au plus.", 422);
}
