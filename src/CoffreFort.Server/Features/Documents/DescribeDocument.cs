using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The holder corrects a document's title and dates; the document itself never changes.</summary>
public sealed record DescribeDocument(Guid By, Personal Title, StatedDates Dates)
{
    public static Decision Decide(Vault vault, Document document, DescribeDocument command)
    {
        if (document.Versions.Count == 0 || vault.Holder != command.By) return Refusal.NotFound;
        if (ErasureRefusals.RefuseChange(vault, document) is { } closed) return closed;
        return command.Dates.Refuse() is { } wrong ? wrong : Decision.Of(new DocumentDescribed(command.Title, command.Dates));
    }

    /// <param name="Title">Null leaves it as it is; so do the dates.</param>
    public sealed record Change(string? Title = null, DateOnly? IssuedOn = null, DateOnly? ExpiresOn = null, string? Period = null)
    {
        /// <summary>The dates are all of them, as a form shows them: what is empty there is taken away.</summary>
        [System.Text.Json.Serialization.JsonIgnore]
        public bool AllDates { get; init; }

        internal StatedDates Over(StatedDates last) => AllDates
            ? StatedDates.Of(IssuedOn, ExpiresOn, Period)
            : StatedDates.Of(IssuedOn ?? last.IssuedOn, ExpiresOn ?? last.ExpiresOn, Period ?? last.Period);
    }

    public static Task<Outcome> Handle(Guid id, Change change, Actor actor, ActRunner acts, RequestKeys keys, EvidenceCatalogue catalogue, CancellationToken cancellation)
    {
        if (change.Title is { Length: > Deposit.LongestTitle }) return Task.FromResult<Outcome>(Deposit.TitleTooLong);
        return acts.RunAsync(actor, async session =>
        {
            var document = await session.FetchForWriting<Document>(id, cancellation);
            if (!document.Exists) return Refusal.NotFound;
            var vault = await session.FetchGuarded<Vault>(document.State.Vault, cancellation);
            if (vault.State.Holder != actor.Person) return Refusal.NotFound;
            if (ErasureRefusals.RefuseChange(vault.State, document.State) is { } closed) return closed;
            var (last, dates) = (document.State.Latest.Dates, change.Over(document.State.Latest.Dates));
            // One that stays was taken under the catalogue of its day.
            if (dates.Period != last.Period && dates.RefusePeriod(catalogue.Find(document.State.EvidenceType)) is { } wrong) return wrong;
            // The envelope belongs to its event: a title that stays is encrypted anew for this one.
            var kept = await keys.RevealAsync(document.State.Vault, document.State.Title, cancellation);
            if (await keys.IsErasedAsync(document.State.Vault, id, cancellation)) return ErasureRefusals.Erased;
            var title = string.IsNullOrWhiteSpace(change.Title) ? kept : FileNames.CleanTitle(change.Title);
            var sealedTitle = await keys.SealAsync(document.State.Vault, id, title ?? "", cancellation);
            var command = new DescribeDocument(actor.Person, sealedTitle!, dates);
            return session.Take(document, Decide(vault.State, document.State, command), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPatch("/documents/{id:guid}", Patch).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("Correct a document's title and dates").Produces<DocumentView>();

    private static async Task<IResult> Patch(
        Guid id, Change change, HttpContext http, ActRunner acts, RequestKeys keys, EvidenceCatalogue catalogue, DocumentReader documents, CancellationToken cancellation)
    {
        var outcome = await Handle(id, change, http.Actor(), acts, keys, catalogue, cancellation);
        return await http.AnswerAsync(outcome, () => documents.AnswerAsync(http, id, created: false, cancellation));
    }
}
