using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder changes their mind within the grace: the document stands as before, for them and for those they share it with.</summary>
public sealed record CancelDocumentErasure(Guid Document, Guid By)
{
    public static Decision Decide(Vault vault, Document document, CancelDocumentErasure command, DateTimeOffset now)
    {
        if (document.Versions.Count == 0 || vault.Holder != command.By) return Refusal.NotFound;
        if (ErasureRefusals.RefuseRead(vault, command.Document, document, now) is { } gone) return gone;
        return document.Erasure.Due is null ? ErasureRefusals.NotPending : Decision.Of(new DocumentErasureCancelled(command.By));
    }

    public static Task<Outcome> Handle(Guid id, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunInTurnAsync(id, actor, async session =>
        {
            var document = await session.FetchForWriting<Document>(id, cancellation);
            var vault = await session.FetchGuarded<Vault>(document.State.Vault, cancellation);
            if (ErasureRefusals.LastInstant(vault.State, id, document.State) is { } last) session.NotAfter(last);
            return session.Take(document, Decide(vault.State, document.State, new CancelDocumentErasure(id, actor.Person), session.Now), actor);
        }, cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/documents/{id:guid}/cancel-erasure", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Keep a document after all, within the grace").Produces<DocumentView>();

    private static async Task<IResult> Post(Guid id, HttpContext http, ActRunner acts, DocumentReader documents, CancellationToken cancellation)
    {
        var outcome = await Handle(id, http.Actor(), acts, cancellation);
        return await http.AnswerAsync(outcome, () => documents.AnswerAsync(http, id, created: false, cancellation));
    }
}
