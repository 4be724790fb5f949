using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>
/// The holder shares ahead of a request: named documents at named versions, or evidence types (a standing consent, which also reaches what is
/// deposited later). Never more than the agency's habilitation covers.
/// </summary>
/// <param name="Consent">The new consent's id.</param>
/// <param name="Documents">Each named document as it stands.</param>
/// <param name="Terms">What the holder agrees to.</param>
/// <param name="Purpose">In the holder's words, if they gave some.</param>
public sealed record GrantConsent(
    Guid Consent, Guid Vault, Guid Holder, IReadOnlyDictionary<Guid, Document> Documents, ConsentTerms Terms, Personal? Purpose)
{
    /// <param name="vault">The holder's vault.</param>
    /// <param name="grantee">Who would read.</param>
    /// <param name="procedure">The catalogue's procedure, or null.</param>
    /// <param name="command">What is granted.</param>
    /// <param name="now">The journal's time.</param>
    public static Decision Decide(Vault vault, Agency grantee, Procedure? procedure, GrantConsent command, DateTimeOffset now)
    {
        var terms = command.Terms;
        if (vault.Holder != command.Holder) return Refusal.NotFound;
        if (ErasureRefusals.RefuseChange(vault) is { } closed) return closed;
        if (grantee.Kind.Length == 0) return ConsentRefusals.UnknownGrantee;
        if (procedure is null || !grantee.May(terms.Procedure, now)) return ConsentRefusals.NotItsProcedure;
        if (command.Pieces() is not { } pieces) return ConsentRefusals.UnknownPiece;
        var types = terms.EvidenceTypes ?? [];
        if (pieces.Count == 0 == (types.Count == 0)) return ConsentRefusals.ScopeNeeded;
        if (pieces.Select(piece => piece.EvidenceType).Concat(types).Any(type => !grantee.MayRead(terms.Procedure, type, now))) return ConsentRefusals.TypeNotCovered;
        var until = terms.Until ?? now.AddDays(procedure.DefaultConsentDays);
        if (until <= now || until > now.AddYears(ConsentTerms.LongestYears)) return ConsentRefusals.BadPeriod;
        var uses = terms.Uses ?? procedure.DefaultUses;
        if (uses is < 1 or > ConsentTerms.MostUses) return ConsentRefusals.BadUses;
        var delivery = terms.Delivery ?? Deliveries.Download;
        if (!Deliveries.All.Contains(delivery)) return ConsentRefusals.BadDelivery;
        var tied = grantee.IsSpace && vault.Space == terms.Grantee;
        var granted = new ConsentGranted(
            command.Vault, terms.Grantee, terms.Procedure, procedure.Purpose.Fr, procedure.LegalBasis.Fr, now, until, uses, delivery, pieces,
            [.. types.Distinct()], procedure.RetentionPromisedDays, null, tied, null, command.Holder)
        { StatedPurpose = command.Purpose };
        return (tied ? Decision.Of(new PostingConsentGiven(command.Consent)) : Decision.Nothing).AndStart<Consent>(command.Consent, granted);
    }

    /// <summary>The pieces at their versions (the newest when none is named), or null when one is not in this vault.</summary>
    private IReadOnlyList<GrantedPiece>? Pieces()
    {
        var pieces = new List<GrantedPiece>();
        foreach (var wanted in Terms.Pieces ?? [])
        {
            if (!Documents.TryGetValue(wanted.Document, out var document) || document.Vault != Vault || document.Erasure.IsClosed) return null;
            if (document.Find(wanted.Version ?? document.Latest.Number) is not { } version) return null;
            pieces.Add(new GrantedPiece(wanted.Document, version.Number, document.EvidenceType));
        }

        return [.. pieces.Distinct()];
    }

    public static Task<Outcome> Handle(
        Guid vault, ConsentTerms terms, Actor actor, ActRunner acts, DueMutations mutations, RequestKeys keys, EvidenceCatalogue catalogue,
        CancellationToken cancellation)
    {
        if (terms.Malformed() is { } malformed) return Task.FromResult<Outcome>(malformed);
        var id = Guid.CreateVersion7();
        return acts.RunAsync(actor, async session =>
        {
            // Whether the consent is tied to the posting rests on the vault's space: that of a posting which is due, not the one before.
            await mutations.EnsureAsync(session, vault, cancellation);
            var holder = await session.FetchGuarded<Vault>(vault, cancellation);
            var grantee = await session.FetchGuarded<Agency>(terms.Grantee, cancellation);
            var documents = new Dictionary<Guid, Document>();
            foreach (var piece in terms.Pieces ?? []) documents[piece.Document] = (await session.FetchGuarded<Document>(piece.Document, cancellation)).State;
            if (holder.State.Holder == actor.Person && ErasureRefusals.RefuseChange(holder.State) is { } closed) return closed;
            var words = FileNames.CleanTitle(terms.Purpose ?? "");
            var purpose = await keys.SealAsync(vault, words.Length == 0 ? null : words, cancellation);
            var command = new GrantConsent(id, vault, actor.Person, documents, terms, purpose);
            return session.Take(holder, Decide(holder.State, grantee.State, catalogue.FindProcedure(terms.Procedure), command, session.Now), actor with { IfMatch = null });
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/consents", Post).RequireAuthorization(Policies.Holder)
        .WithSummary("Share ahead of a request").Produces<ConsentView>(StatusCodes.Status201Created);

    private static async Task<IResult> Post(
        ConsentTerms body, HttpContext http, Person person, ActRunner acts, DueMutations mutations, RequestKeys keys, EvidenceCatalogue catalogue,
        VaultFinder vaults, ConsentFinder consents, CancellationToken cancellation)
    {
        if (await vaults.OfHolderAsync(person.Id, cancellation) is not { } vault) return Problems.Result(Refusal.NotFound);
        var outcome = await Handle(vault.Vault, body, http.Actor(), acts, mutations, keys, catalogue, cancellation);
        return await http.AnswerAsync(outcome, async () =>
        {
            var consent = outcome.Written!.Events.First(at => at.Name == "consent_granted").StreamId;
            return http.Shown((await consents.FindAsync(consent, cancellation))!, created: true);
        });
    }
}
