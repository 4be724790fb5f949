using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>
/// The holder, and nobody else, has a document erased: closed to everybody else at once, and gone after the grace, unless they change their mind. A legal hold
/// puts it off to its end.
/// </summary>
/// <param name="Grace">Zero for at once. Asked again, the earlier end counts.</param>
public sealed record EraseDocument(Guid Document, Guid By, TimeSpan Grace)
{
    public static Decision Decide(Vault vault, Document document, EraseDocument command, DateTimeOffset now)
    {
        if (document.Versions.Count == 0 || vault.Holder != command.By) return Refusal.NotFound;
        var erasure = document.Erasure;
        if (erasure.Erased || vault.Erasure.Erased) return Decision.Nothing;
        var due = erasure.Due < now + command.Grace ? erasure.Due.Value : now + command.Grace;
        if ((erasure with { Due = due }).HasEnded(now, vault.HeldUntil(command.Document))) return Decision.Of(new DocumentErased(command.By, ErasureCauses.Document));
        return due == erasure.Due ? Decision.Nothing : Decision.Of(new DocumentErasureRequested(command.By, due));
    }

    public static Task<Outcome> Handle(Guid id, TimeSpan grace, Actor actor, ActRunner acts, CancellationToken cancellation) =>
        acts.RunInTurnAsync(id, actor, async session =>
        {
            var document = await session.FetchForWriting<Document>(id, cancellation);
            var vault = await session.FetchGuarded<Vault>(document.State.Vault, cancellation);
            return session.Take(document, Decide(vault.State, document.State, new EraseDocument(id, actor.Person, grace), session.Now), actor);
        }, cancellation);

    public static void Map(IEndpointRouteBuilder api) => api.MapDelete("/documents/{id:guid}", Delete).RequireAuthorization(Policies.Holder)
        .WithSummary("Erase a document: after the grace, or at once with grace=0").Produces<DocumentView>();

    private static async Task<IResult> Delete(
        Guid id, int? grace, HttpContext http, ActRunner acts, ErasureSettings settings, CarryOutErasure erasures, DocumentReader documents, CancellationToken cancellation)
    {
        if (settings.TryGrace(grace, out var wait) is { } refusal) return Problems.Result(refusal);
        var outcome = await Handle(id, wait, http.Actor(), acts, cancellation);
        if (outcome.Refusal is null) await erasures.TryDocumentAsync(id);
        return await http.AnswerAsync(outcome, () => documents.AnswerAsync(http, id, created: false, cancellation));
    }
}

/// <summary>The time that a holder had to change their mind is over, and no legal hold stands: the document is erased.</summary>
public static class EraseDueDocument
{
    public static Decision Decide(Vault vault, Guid id, Document document, DateTimeOffset now) =>
        document.Erasure is { Erased: false, Due: not null } erasure && erasure.HasEnded(now, vault.HeldUntil(id))
            ? Decision.Of(new DocumentErased(erasure.By, ErasureCauses.Document))
            : Decision.Nothing;
}
