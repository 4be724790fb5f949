using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>The holder sees what they had erased, what they are about to, and the certificates; of their vault now, and of one that was erased.</summary>
public static class SeeErasures
{
    public static void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/erasures", List).RequireAuthorization(Policies.Holder)
            .WithSummary("What I had erased, and what waits for it; vault= names one that was erased").Produces<Paged<ErasureView>>();
        api.MapGet("/erasures/{subject:guid}", Get).RequireAuthorization(Policies.Holder)
            .WithSummary("The erasure of one document or vault").Produces<ErasureView>();
    }

    private static async Task<IResult> List(
        Guid? vault, Guid? after, int? limit, Person person, VaultFinder vaults, ErasureReader erasures, CancellationToken cancellation)
    {
        var own = vault is { } named ? await vaults.FindAsync(named, cancellation) : await vaults.OfHolderAsync(person.Id, cancellation);
        // Nobody's list is an empty one; a vault that was named must be theirs.
        if (own is null && vault is null) return Results.Ok(new Paged<ErasureView>([], null));
        if (own?.Holder != person.Id) return Problems.Result(Refusal.NotFound);
        var count = Math.Clamp(limit ?? 50, 1, 200);
        var items = await erasures.ListAsync(own.Vault, person, after, count + 1, cancellation);
        return Results.Ok(Paged.Of(items, count, last => $"/api/v1/erasures?vault={own.Vault}&after={last.Subject}&limit={count}"));
    }

    private static async Task<IResult> Get(Guid subject, Person person, ErasureReader erasures, CancellationToken cancellation) =>
        await erasures.FindAsync(subject, person, cancellation) is { } view ? Results.Ok(view) : Problems.Result(Refusal.NotFound);
}
