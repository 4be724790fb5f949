using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder sees what the vault says of one document.</summary>
public sealed class SeeDocument(DocumentReader documents, Journal journal)
{
    /// <returns>Null when the document is unknown or not this person's.</returns>
    public async Task<DocumentView?> FindAsync(Guid id, Person person, CancellationToken cancellation)
    {
        var view = await documents.FindAsync(id, cancellation);
        var vault = view is null ? null : await journal.AggregateStreamAsync<Vault>(view.Vault, cancellation: cancellation);
        return vault?.Holder == person.Id ? view : null;
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapGet("/documents/{id:guid}", Get).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("One document").Produces<DocumentView>();

    private static async Task<IResult> Get(Guid id, HttpContext http, Person person, SeeDocument documents, CancellationToken cancellation) =>
        await documents.FindAsync(id, person, cancellation) is { } view ? http.Versioned(view, view.StreamVersion) : Problems.Result(Refusal.NotFound);
}
