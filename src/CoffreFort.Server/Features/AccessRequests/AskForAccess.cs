using CoffreFort.Server.Acts;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>
/// A clerk asks a person for what a procedure requires, within the agency's habilitation. Requirements are named, never files; what a consent
/// already covers is not asked again.
/// </summary>
/// <param name="Covering">A consent of the person that stands and already reaches all that could be shown.</param>
public sealed record AskForAccess(
    Guid Vault, Guid Agency, Guid Clerk, Procedure Procedure, IReadOnlyList<string> Situation, Personal? Message, DateTimeOffset? Expires, Guid? Covering)
{
    public const int LongestMessage = 2000;
    public const int DefaultDays = 30;
    public const int MostDays = 90;

    public static Decision Decide(Vault vault, Agency agency, AskForAccess command, DateTimeOffset now)
    {
        if (RefuseAgency(agency, command.Clerk, command.Procedure, now) is { } refusal) return refusal;
        if (vault.Holder == Guid.Empty || vault.Erasure.IsClosed) return Refusal.NotFound;
        var expires = command.Expires ?? now.AddDays(DefaultDays);
        if (expires <= now) return ExpiresInThePast;
        if (expires > now.AddDays(MostDays)) return ExpiresTooLate;
        var procedure = command.Procedure;
        var asked = new AccessRequested(
            command.Vault, command.Agency, command.Clerk, procedure.Code, procedure.Purpose.Fr, procedure.LegalBasis.Fr,
            command.Situation, command.Message, procedure.RetentionPromisedDays, expires);
        return command.Covering is { } consent ? Decision.Of(asked, new AccessRequestResolved(consent)) : Decision.Of(asked);
    }

    /// <summary>What the agency itself lacks: said before anything about the vault, so that the answer tells nothing about it.</summary>
    private static Refusal? RefuseAgency(Agency agency, Guid clerk, Procedure procedure, DateTimeOffset now)
    {
        if (!agency.Employs(clerk)) return NoAgency;
        if (!procedure.MayBeAskedBy(agency.Kind)) return NotForThisKind(procedure);
        return agency.May(procedure.Code, now) ? null : NotHabilitated;
    }

    public sealed record Ask(
        string Vault, string Procedure, IReadOnlyList<string>? Situation = null, string? Message = null, DateTimeOffset? Expires = null);

    public static async Task<Outcome> Handle(
        Ask ask, Actor actor, ActRunner acts, AgencyFinder agencies, VaultFinder vaults, CoveringConsents consents, VaultEvidence evidence,
        DueMutations mutations, RequestKeys keys, EvidenceCatalogue catalogue, CancellationToken cancellation)
    {
        var situation = (ask.Situation ?? []).Distinct().ToList();
        if (catalogue.FindProcedure(ask.Procedure) is not { } procedure) return UnknownProcedure;
        if (SituationFlags.Refuse(situation, catalogue) is { } refusal) return refusal;
        if (ask.Message is { Length: > LongestMessage }) return MessageTooLong;
        if (await agencies.OfClerkAsync(actor.Person, cancellation) is not { Agency: var agencyId }) return NoAgency;
        var found = await vaults.ByAddressAsync(ask.Vault, cancellation);
        var id = Guid.CreateVersion7();
        return await acts.RunAsync(actor.For(agencyId), async session =>
        {
            var agency = await session.FetchGuarded<Agency>(agencyId, cancellation);
            var command = new AskForAccess(found?.Vault ?? default, agencyId, actor.Person, procedure, situation, null, ask.Expires, null);
            if (found is null) return Decide(Vaults.Vault.Empty, agency.State, command, session.Now).Refusal;
            await mutations.EnsureAsync(session, found.Vault, cancellation);
            var vault = await session.FetchGuarded<Vault>(found.Vault, cancellation);
            if (Decide(vault.State, agency.State, command, session.Now).Refusal is { } unwelcome) return unwelcome;
            var request = await session.FetchForWriting<AccessRequest>(id, cancellation);
            var onFile = await evidence.OfAsync(found.Vault, AskedTypes.Of(procedure.Requirement), cancellation);
            var covering = await consents.FindAsync(session, command, agency.State, onFile, cancellation);
            var message = await keys.SealAsync(found.Vault, TypedText.Clean(ask.Message), cancellation);
            return session.Take(request, Decide(vault.State, agency.State, command with { Message = message, Covering = covering }, session.Now), actor);
        }, cancellation);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapPost("/access-requests", Post).RequireAuthorization(Policies.Clerk)
        .WithSummary("Ask a person for what a procedure requires")
        .Produces<AccessRequestView>(StatusCodes.Status201Created).Produces<AccessRequestView>();

    private static async Task<IResult> Post(
        Ask ask, HttpContext http, ActRunner acts, AgencyFinder agencies, VaultFinder vaults, CoveringConsents consents, VaultEvidence evidence,
        DueMutations mutations, RequestKeys keys, EvidenceCatalogue catalogue, AccessRequestReader requests, CancellationToken cancellation)
    {
        var actor = http.Actor();
        var outcome = await Handle(ask, actor, acts, agencies, vaults, consents, evidence, mutations, keys, catalogue, cancellation);
        return await http.AnswerAsync(outcome, () => requests.AnswerAsync(http, outcome.Stream, actor.Person, cancellation, created: true));
    }

    private static Refusal UnknownProcedure { get; } = new(
        "unknown-procedure", "Cette démarche n'existe pas au catalogue. Rien n'a été envoyé.", 422);

    private static Refusal MessageTooLong { get; } = new(
        "message-too-long", "Le message dépasse 2 000 caractères. Rien n'a été envoyé : raccourcissez-le.", 422);

    private static Refusal ExpiresInThePast { get; } = new(
        "expires-in-the-past", "Le délai de réponse est déjà passé. Rien n'a été envoyé : choisissez une date à venir.", 422);

    private static Refusal ExpiresTooLate { get; } = new(
        "expires-too-late", "Le délai de réponse dépasse 90 jours. Rien n'a été envoyé : choisissez une date plus proche.", 422);

    private static Refusal NoAgency { get; } = new(
        "no-agency", "Vous n'agissez pour aucune administration inscrite ici. Rien n'a été envoyé.", 403);

    private static Refusal NotHabilitated { get; } = new(
        "not-habilitated", "Votre administration n'a pas, ou n'a plus, d'habilitation pour cette démarche. Rien n'a été envoyé.", 403, "CRPA, art. L. 114-8");

    private static Refusal NotForThisKind(Procedure procedure) => new(
        "procedure-not-for-agency", "Cette démarche ne relève pas d'une administration comme la vôtre. Rien n'a été envoyé.", 403, procedure.LegalBasis.Fr);
}
