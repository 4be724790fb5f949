using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder lists the documents of their vault.</summary>
public static class ListDocuments
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/vaults/{vault:guid}/documents", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("The documents of a vault").Produces<Paged<DocumentView>>();

    private static async Task<IResult> Get(
        Guid vault, Guid? after, int? limit, Person person, VaultFinder vaults, DocumentLister documents, CancellationToken cancellation)
    {
        if ((await vaults.FindAsync(vault, cancellation))?.Holder != person.Id) return Problems.Result(Refusal.NotFound);
        var count = Math.Clamp(limit ?? 50, 1, 200);
        var items = await documents.ListAsync(vault, after, count + 1, cancellation);
        return Results.Ok(Paged.Of(items, count, last => $"/api/v1/vaults/{vault}/documents?after={last.Id}&limit={count}"));
    }
}
