using CoffreFort.Cryptography;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Documents;

/// <summary>A newer version of a document is deposited. The older ones stay, and consents that name them keep pointing at them.</summary>
/// <param name="Number">The number it was sealed for.</param>
/// <param name="Content">Null while the bytes are still to come.</param>
public sealed record DepositVersion(int Number, Guid Depositor, StatedDates Dates, StoredContent? Content)
{
    public static Decision Decide(Vault vault, Document document, DepositVersion command)
    {
        if (document.Versions.Count == 0 || vault.Holder != command.Depositor) return Refusal.NotFound;
        if (ErasureRefusals.RefuseChange(vault, document) is { } closed) return closed;
        if (command.Dates.Refuse() is { } wrong) return wrong;
        if (command.Number != document.Latest.Number + 1) return Overtaken;
        if (command.Content is { SignatureBytes: > 0 and var more } && document.SignatureBytes + more > SignatureFile.MostOfDocument) return SignatureFile.TooMany;
        return command.Content is { } content
            ? Decision.Of(new VersionDeposited(command.Number, command.Depositor, content, command.Dates))
            : Decision.Nothing;
    }

    public static async Task<Outcome> Handle(
        Guid id, StatedDates dates, string? fileName, IncomingFile file, Actor actor, ActRunner acts, SealContent seal, EvidenceCatalogue catalogue, CancellationToken cancellation)
    {
        DepositVersion? command = null;
        var vaultId = Guid.Empty;
        var outcome = await acts.RunAsync(actor, async session =>
        {
            var document = await session.FetchForWriting<Document>(id, cancellation);
            var vault = await session.FetchGuarded<Vault>(document.State.Vault, cancellation);
            vaultId = document.State.Vault;
            if (command is null)
            {
                // The ciphertext is bound to its number, so the number can't be chosen anew when another upload comes first.
                command = new DepositVersion(document.State.Versions.Count + 1, actor.Person, dates, null);
                if ((Decide(vault.State, document.State, command).Refusal ?? dates.RefusePeriod(catalogue.Find(document.State.EvidenceType))) is { } unwelcome) return unwelcome;
                var identity = new DocumentIdentity(document.State.Vault, id, checked((uint)command.Number));
                var (content, bad) = await seal.StoreAsync(identity, file, fileName ?? file.Name ?? "", document.State.EvidenceType, cancellation);
                if (bad is not null) return bad;
                command = command with { Content = content };
            }

            return session.Take(document, Decide(vault.State, document.State, command), actor);
        }, cancellation);
        outcome = await seal.RepeatedAsync(outcome, file, cancellation);
        // Overtaken, erased meanwhile, or another deposit's key: neither the bytes nor their keys stay.
        if (outcome.Refusal is not null && command?.Content is { } unused)
            await seal.DiscardAsync(new DocumentIdentity(vaultId, id, checked((uint)command.Number)), unused);
        return outcome;
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/documents/{id:guid}/versions", Post).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("Deposit a newer version").TakesDeposit()
        .Produces<DocumentView>(StatusCodes.Status201Created);

    private static async Task<IResult> Post(
        Guid id, DateOnly? issuedOn, DateOnly? expiresOn, string? period, string? fileName, HttpContext http, ActRunner acts, SealContent seal,
        EvidenceCatalogue catalogue, DepositLimit limit, DocumentReader documents, CancellationToken cancellation)
    {
        return await DepositParts.AnswerAsync(http, limit, async file =>
        {
            var dates = StatedDates.Of(issuedOn, expiresOn, period);
            var outcome = await Handle(id, dates, fileName, file, http.Actor(), acts, seal, catalogue, cancellation);
            return await http.AnswerAsync(outcome, () => documents.AnswerAsync(http, id, created: true, cancellation));
        }, cancellation);
    }

    private static Refusal Overtaken { get; } = new(
        "version-overtaken", "Une autre version vient d'être déposée pendant l'envoi. La vôtre n'a pas été enregistrée : recommencez si elle est plus récente.");
}
