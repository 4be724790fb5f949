using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>
/// The holder, and nobody else, has the whole vault erased: closed to everybody else at once, and gone after the grace, unless they change their mind. A legal
/// hold on anything in it puts it off to its end.
/// </summary>
/// <param name="Grace">Zero for at once. Asked again, the earlier end counts.</param>
public sealed record EraseVault(Guid By, TimeSpan Grace)
{
    public static Decision Decide(Vault vault, EraseVault command, DateTimeOffset now)
    {
        if (vault.Holder != command.By) return Refusal.NotFound;
        var erasure = vault.Erasure;
        if (erasure.Erased) return Decision.Nothing;
        var due = erasure.Due < now + command.Grace ? erasure.Due.Value : now + command.Grace;
        if ((erasure with { Due = due }).HasEnded(now, vault.HeldUntil())) return Decision.Of(new VaultErased(command.By));
        return due == erasure.Due ? Decision.Nothing : Decision.Of(new VaultErasureRequested(command.By, due));
    }

    public static Task<Outcome> Handle(Guid vault, TimeSpan grace, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunAsync<Vault>(actor, vault, (state, now) => Decide(state, new EraseVault(actor.Person, grace), now), cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/vaults/{vault:guid}/erase", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Erase the vault and all it holds: after the grace, or at once with grace=0").Produces<ErasureView>();

    private static async Task<IResult> Post(
        Guid vault, int? grace, HttpContext http, Person person, ActRunner acts, ErasureSettings settings, CarryOutErasure erasures, ErasureReader reader,
        CancellationToken cancellation)
    {
        if (settings.TryGrace(grace, out var wait) is { } refusal) return Problems.Result(refusal);
        var outcome = await Handle(vault, wait, http.Actor(), acts, cancellation);
        if (outcome.Refusal is null) await erasures.TryVaultAsync(vault);
        return await http.AnswerAsync(outcome, async () => Results.Ok(await reader.FindAsync(vault, person, cancellation)));
    }
}

/// <summary>The time that a holder had to change their mind is over, and no legal hold stands: the vault is erased.</summary>
public static class EraseDueVault
{
    public static Decision Decide(Vault vault, DateTimeOffset now) =>
        vault.Erasure is { Erased: false, Due: not null } erasure && erasure.HasEnded(now, vault.HeldUntil())
            ? Decision.Of(new VaultErased(erasure.By))
            : Decision.Nothing;
}
