using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>A proof is deposited once, into the person's own vault. The bytes are sealed and durable before the event says so.</summary>
/// <param name="Content">Null while the bytes are still to come: then only whether they are welcome is decided.</param>
public sealed record DepositDocument(Guid Vault, string EvidenceType, Personal? Title, Guid Depositor, StatedDates Dates, StoredContent? Content)
{
    // sample: decide
    public static Decision Decide(Vault vault, DepositDocument command)
    {
        if (vault.Holder != command.Depositor) return Refusal.NotFound;
        if (ErasureRefusals.RefuseChange(vault) is { } closed) return closed;
        if (command.Dates.Refuse() is { } wrong) return wrong;
        return command is { Content: { } content, Title: { } title }
            ? Decision.Of(new DocumentDeposited(
                command.Vault, command.EvidenceType, title, vault.Holder, command.Depositor, content, command.Dates))
            : Decision.Nothing;
    }
    // end-sample

    /// <param name="deposit">What is deposited, as typed.</param>
    /// <param name="file">Its bytes as they come in, and what comes beside them.</param>
    public static async Task<Outcome> Handle(
        Deposit deposit, IncomingFile file, Actor actor, ActRunner acts, SealContent seal, RequestKeys keys, EvidenceCatalogue catalogue, CancellationToken cancellation)
    {
        if (deposit.Refuse(catalogue) is { } refusal) return refusal;
        var id = Guid.CreateVersion7();
        StoredContent? content = null;
        var outcome = await acts.RunAsync(actor, async session =>
        {
            var vault = await session.FetchGuarded<Vault>(deposit.Vault, cancellation);
            var command = new DepositDocument(deposit.Vault, deposit.EvidenceType, null, actor.Person, deposit.Dates, null);
            // Nobody's bytes are taken in before it is known that they are welcome; a lost race does not take them in twice.
            if (Decide(vault.State, command).Refusal is { } unwelcome) return unwelcome;
            if (content is null)
            {
                (content, var bad) = await seal.StoreAsync(
                    new DocumentIdentity(deposit.Vault, id, 1), file, deposit.FileName ?? file.Name ?? deposit.Title, deposit.EvidenceType, cancellation);
                if (bad is not null) return bad;
            }

            if (await keys.IsErasedAsync(deposit.Vault, id, cancellation)) return ErasureRefusals.VaultErased;
            var title = await keys.SealAsync(deposit.Vault, id, FileNames.CleanTitle(deposit.Title), cancellation);
            return session.TakeNew<Document>(id, Decide(vault.State, command with { Title = title, Content = content }), actor);
        }, cancellation, Recall.Keep);
        outcome = await seal.RepeatedAsync(outcome, file, cancellation);
        // The vault was closed meanwhile, or the key was another deposit's: neither the bytes nor their keys stay.
        if (outcome.Refusal is not null && content is not null) await seal.DiscardAsync(new DocumentIdentity(deposit.Vault, id, 1), content);
        return outcome;
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/vaults/{vault:guid}/documents", Post).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("Deposit a document").TakesDeposit()
        .Produces<DocumentView>(StatusCodes.Status201Created);

    private static async Task<IResult> Post(
        [AsParameters] Deposit deposit, HttpContext http, ActRunner acts, SealContent seal, RequestKeys keys, EvidenceCatalogue catalogue,
        DepositLimit limit, DocumentReader documents, CancellationToken cancellation)
    {
        return await DepositParts.AnswerAsync(http, limit, async file =>
        {
            var outcome = await Handle(deposit, file, http.Actor(), acts, seal, keys, catalogue, cancellation);
            return await http.AnswerAsync(outcome, () => documents.AnswerAsync(http, outcome, cancellation));
        }, cancellation);
    }
}
