using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>The holder changes their mind within the grace: the vault stands as before, for them and for those they share with.</summary>
public sealed record CancelVaultErasure(Guid By)
{
    public static Decision Decide(Vault vault, CancelVaultErasure command, DateTimeOffset now)
    {
        if (vault.Holder != command.By) return Refusal.NotFound;
        if (vault.Erasure.HasEnded(now, vault.HeldUntil())) return ErasureRefusals.VaultErased;
        return vault.Erasure.Due is null ? ErasureRefusals.NotPending : Decision.Of(new VaultErasureCancelled(command.By));
    }

    public static Task<Outcome> Handle(Guid vault, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunInTurnAsync(vault, actor, async session =>
        {
            var stream = await session.FetchForWriting<Vault>(vault, cancellation);
            if (!stream.Exists) return Refusal.NotFound;
            if (stream.State.Erasure.TakesEffect(stream.State.HeldUntil()) is { } end) session.NotAfter(end.AddMicroseconds(-1));
            return session.Take(stream, Decide(stream.State, new CancelVaultErasure(actor.Person), session.Now), actor);
        }, cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/vaults/{vault:guid}/cancel-erasure", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Keep the vault after all, within the grace").Produces<VaultView>();

    private static async Task<IResult> Post(Guid vault, HttpContext http, ActRunner acts, EventStore.Journal journal, CancellationToken cancellation)
    {
        var outcome = await Handle(vault, http.Actor(), acts, cancellation);
        return await http.AnswerAsync(outcome, async () =>
        {
            var state = await journal.AggregateStreamAsync<Vault>(vault, cancellation: cancellation);
            return Results.Ok(new VaultView(vault, state!.Address, state.Space));
        });
    }
}
