using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder sees what the vault says of one document.</summary>
public static class SeeDocument
{
    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/documents/{id:guid}", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("One document").Produces<DocumentView>();

    private static async Task<IResult> Get(Guid id, HttpContext http, Person person, DocumentReader documents, VaultFinder vaults, CancellationToken cancellation)
    {
        var view = await documents.FindAsync(id, cancellation);
        var vault = view is null ? null : await vaults.FindAsync(view.Vault, cancellation);
        return vault?.Holder == person.Id ? http.Versioned(view!, view!.StreamVersion) : Problems.Result(Refusal.NotFound);
    }
}
