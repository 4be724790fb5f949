using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Erasures;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>
/// The holder agrees, in one act that holds everything: which agency, under which procedure, which pieces, until when, how often. They may narrow what was
/// shown, never widen it.
/// </summary>
/// <param name="Pieces">What of the shown is agreed to; null for all of it.</param>
/// <param name="Consent">The new consent's id.</param>
public sealed record ApproveAccessRequest(
    Guid By, Guid Request, Guid Consent, Procedure Procedure, IReadOnlyList<ChosenPiece>? Pieces, DateTimeOffset? Until, int? Uses, string? Delivery)
{
    public const int MostUses = 1000;

    /// <param name="shown">What the agency would be shown now: no other piece can be agreed to.</param>
    public static Decision Decide(AccessRequest request, Vault vault, Agency agency, Evaluation shown, ApproveAccessRequest command, DateTimeOffset now)
    {
        if (Answerable.Refuse(request, vault, command.By, now) is { } refusal) return refusal;
        if (ErasureRefusals.RefuseChange(vault) is { } closed) return closed;
        var asked = request.Asked!;
        if (!agency.May(asked.Procedure, now)) return HabilitationEnded;
        var ready = shown.Shown.ToDictionary(piece => new ChosenPiece(piece.Document!.Value, piece.Version!.Value));
        ChosenPiece[] chosen = [.. (command.Pieces ?? [.. ready.Keys]).Distinct()];
        if (chosen.Any(piece => !ready.ContainsKey(piece))) return PieceNotAsked(command.Procedure);
        if (chosen.Length == 0) return NothingShown;
        if (RefuseTerms(command, now) is { } terms) return terms;
        var granted = new ConsentGranted(
            asked.Vault, asked.Agency, asked.Procedure, asked.Purpose, asked.LegalBasis, now,
            command.Until ?? now.AddDays(command.Procedure.DefaultConsentDays), command.Uses ?? command.Procedure.DefaultUses,
            command.Delivery ?? Deliveries.Download, [.. chosen.Select(piece => new GrantedPiece(piece.Document, piece.Version, ready[piece].EvidenceType))], [],
            asked.RetentionDays, command.Request, TiedToPosting: vault.Space == asked.Agency, null, command.By);
        return Decision.Of(new AccessApproved(command.Consent, command.By)).AndStart<Consent>(command.Consent, granted);
    }

    private static Refusal? RefuseTerms(ApproveAccessRequest command, DateTimeOffset now)
    {
        if (command.Until <= now) return UntilInThePast;
        if (command.Until > now.AddDays(command.Procedure.DefaultConsentDays)) return UntilTooLate(command.Procedure);
        if (command.Uses is < 1 or > MostUses) return UsesOutOfRange;
        return command.Delivery is { } delivery && !Deliveries.All.Contains(delivery) ? UnknownDelivery : null;
    }

    public sealed record Approval(IReadOnlyList<ChosenPiece>? Pieces = null, DateTimeOffset? Until = null, int? Uses = null, string? Delivery = null);

    public static Task<Outcome> Handle(
        Guid id, Approval approval, Actor actor, ActRunner acts, VaultEvidence evidence, DueMutations mutations, EvidenceCatalogue catalogue,
        CancellationToken cancellation)
    {
        var consent = Guid.CreateVersion7();
        return acts.RunAsync(actor, async session =>
        {
            var request = await session.FetchForWriting<AccessRequest>(id, cancellation);
            if (request.State.Asked is not { } asked) return Refusal.NotFound;
            await mutations.EnsureAsync(session, asked.Vault, cancellation);
            // Also where nothing is appended to it: whether the consent is tied to the posting rests on the vault's space.
            var vault = await session.FetchGuarded<Vault>(asked.Vault, cancellation);
            if (Answerable.Refuse(request.State, vault.State, actor.Person, session.Now) is { } refusal) return refusal;
            if (catalogue.FindProcedure(asked.Procedure) is not { } procedure) return ProcedureGone;
            var agency = await session.FetchGuarded<Agency>(asked.Agency, cancellation);
            var onFile = await evidence.OfAsync(asked.Vault, AskedTypes.Of(procedure.Requirement), cancellation);
            var held = await VaultEvidence.GuardAsync(session, onFile, cancellation);
            var right = agency.State.Habilitations.GetValueOrDefault(asked.Procedure);
            var shown = Preview.Of(procedure, right, held, asked.Situation, FrenchCalendar.DayOf(session.Now));
            session.NotAfter(asked.Expires);
            var command = new ApproveAccessRequest(actor.Person, id, consent, procedure, approval.Pieces, approval.Until, approval.Uses, approval.Delivery);
            if (session.Take(request, Decide(request.State, vault.State, agency.State, shown, command, session.Now), actor) is { } no) return no;
            if (vault.State.Space == asked.Agency) vault.Append(new PostingConsentGiven(consent));
            return null;
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/access-requests/{id:guid}/approve", Post).RequireAuthorization(Policies.HolderOrHelper)
        .WithSummary("Agree to a request, to all that is shown or to less").Produces<AccessRequestView>();

    private static async Task<IResult> Post(
        Guid id, Approval? approval, HttpContext http, ActRunner acts, VaultEvidence evidence, DueMutations mutations, EvidenceCatalogue catalogue,
        AccessRequestReader requests, CancellationToken cancellation)
    {
        var actor = http.Actor();
        var outcome = await Handle(id, approval ?? new Approval(), actor, acts, evidence, mutations, catalogue, cancellation);
        return await http.AnswerAsync(outcome, () => requests.AnswerAsync(http, id, actor.Person, cancellation));
    }

    private static Refusal HabilitationEnded { get; } = new(
        "habilitation-ended", "Cette administration n'est plus habilitée pour cette démarche. Rien n'a été accordé.", Rule: "CRPA, art. L. 114-8");

    private static Refusal ProcedureGone { get; } = new(
        "procedure-withdrawn", "Cette démarche n'est plus au catalogue. Rien n'a été accordé : vous pouvez refuser la demande.");

    private static Refusal NothingShown { get; } = new(
        "nothing-to-show", "Aucune pièce n'est retenue. Choisissez-en au moins une, ou refusez la demande.", 422);

    private static Refusal PieceNotAsked(Procedure procedure) => new(
        "piece-not-asked", "Une pièce choisie ne fait pas partie de ce qui est demandé, ou n'est plus celle qui était montrée. Rien n'a été accordé : relisez la demande.",
        422, procedure.ClosedList?.Article.Source);

    private static Refusal UntilInThePast { get; } = new(
        "until-in-the-past", "La date de fin est déjà passée. Rien n'a été accordé : choisissez une date à venir.", 422);

    private static Refusal UntilTooLate(Procedure procedure) => new(
        "until-too-late", "Pour cette démarche, l'accord dure {0} jours au plus. Rien n'a été accordé : choisissez une date plus proche.", 422)
    {
        Arguments = [procedure.DefaultConsentDays],
    };

    private static Refusal UsesOutOfRange { get; } = new(
        "uses-out-of-range", "Le nombre de lectures va de 1 à 1 000. Rien n'a été accordé.", 422);

    private static Refusal UnknownDelivery { get; } = new(
        "unknown-delivery", "Ce mode de remise n'existe pas : view, download ou sealed. Rien n'a été accordé.", 422);
}

/// <summary>One document at one version, among those shown.</summary>
public sealed record ChosenPiece(Guid Document, int Version);
