using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>The holder sees their own vault.</summary>
public static class SeeVault
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/vaults/me", Get).RequireAuthorization(Policies.Holder)
        .WithSummary("My vault").Produces<VaultView>();

    private static async Task<IResult> Get(Person person, VaultFinder vaults, CancellationToken cancellation) =>
        await vaults.OfHolderAsync(person.Id, cancellation) is { } found
            ? Results.Ok(new VaultView(found.Vault, found.Address, found.Space))
            : Problems.Result(Refusal.NotFound);
}
