using CoffreFort.Server.Acts;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>The personnel service moves a posting to another day, as long as it has not taken effect. What the holder accepted goes with it.</summary>
public sealed record RescheduleMutation(DateOnly EffectiveOn, Guid By)
{
    public static Decision Decide(Mutation state, RescheduleMutation command, DateTimeOffset now)
    {
        if (state.State == MutationState.None) return Refusal.NotFound;
        if (state.State == MutationState.Cancelled) return MutationRefusals.Cancelled;
        if (state.State == MutationState.Effective || state.IsDue(now)) return MutationRefusals.Effective;
        if (PostingDates.Refuse(command.EffectiveOn, now) is { } refusal) return refusal;
        return command.EffectiveOn == state.EffectiveOn ? Decision.Nothing : Decision.Of(new MutationRescheduled(command.EffectiveOn, command.By));
    }

    public sealed record Change(DateOnly EffectiveOn);

    public static async Task<Outcome> Handle(Guid id, Change change, Actor actor, ActRunner acts, DueMutations due, CancellationToken cancellation)
    {
        var vault = Guid.Empty;
        var outcome = await acts.RunAsync(actor, async session =>
        {
            var mutation = await session.FetchForWriting<Mutation>(id, cancellation);
            if (!mutation.Exists) return Refusal.NotFound;
            await due.EnsureAsync(session, vault = mutation.State.Vault, cancellation);
            return session.Take(mutation, Decide(mutation.State, new RescheduleMutation(change.EffectiveOn, actor.Person), session.Now), actor);
        }, cancellation);
        if (outcome.Refusal is null) await due.EnsureAsync(vault, cancellation);
        return outcome;
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/mutations/{id:guid}/reschedule", Post).RequireAuthorization(Policies.Personnel)
        .WithSummary("Move a posting to another day").Produces<MutationView>();

    private static async Task<IResult> Post(
        Guid id, Change change, HttpContext http, ActRunner acts, DueMutations due, MutationReader mutations, CancellationToken cancellation)
    {
        var outcome = await Handle(id, change, http.Actor(), acts, due, cancellation);
        return await http.AnswerAsync(outcome, () => mutations.AnswerAsync(http, id, created: false, cancellation));
    }
}

internal static class MutationRefusals
{
    public static Refusal Cancelled { get; } = new("mutation-cancelled", "Cette mutation a été annulée.");

    public static Refusal Effective { get; } = new("mutation-effective", "Cette mutation a pris effet : elle ne peut plus être reportée ni annulée.");
}
