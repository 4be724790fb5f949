using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Web;

namespace CoffreFort.Server.Features.Consents;

/// <summary>A clerk reads one piece of evidence under a consent. The read stands in the consent's own stream before a byte leaves.</summary>
/// <param name="Version">The version that is wanted; null for the newest one that the consent reaches.</param>
/// <param name="Use">To view or to download; null for what the consent allows.</param>
/// <param name="Reason">Why, in the clerk's words; null when none was given.</param>
public sealed record ReadEvidence(Guid Document, Guid Clerk, int? Version, string? Use, Personal? Reason)
{
    public const int LongestReason = 500;

    /// <summary>For a sealed copy that lies ready: the certificate that it is sealed for; null while none has been made.</summary>
    public string? Recipient { get; init; }

    /// <summary>For a sealed copy: one of <see cref="SealedProfiles"/>.</summary>
    public string? Profile { get; init; }

    public static Decision Decide(Consent consent, Agency grantee, Document document, ReadEvidence command, DateTimeOffset now)
    {
        if (Deny(consent, grantee, document, command, now) is { } denial) return denial.Told;
        var granted = consent.Granted!;
        var version = Wanted(granted, document, command, now)!;
        return Decision.Of(new EvidenceRead(
            command.Document, version.Number, document.EvidenceType, granted.Grantee, command.Clerk, granted.Procedure,
            UseOf(granted, command), command.Reason!)
        {
            Recipient = command.Profile is null ? null : grantee.Recipient!.Fingerprint, Profile = command.Profile,
        });
    }

    /// <summary>Why the read may not be, or null.</summary>
    public static Denial? Deny(Consent consent, Agency grantee, Document document, ReadEvidence command, DateTimeOffset now)
    {
        if (Coverage.Deny(consent, grantee, command.Clerk, now) is { } denial) return denial;
        var granted = consent.Granted!;
        if (Coverage.VersionsOf(granted, command.Document, document, now).Count == 0) return Denial.OutOfScope;
        if (Wanted(granted, document, command, now) is not { } version)
            return granted.IsStanding && document.Find(command.Version!.Value) is not null ? Denial.Superseded : Denial.OutOfScope;
        if (!grantee.MayRead(granted.Procedure, document.EvidenceType, now)) return Denial.NotHabilitated;
        if (DenyUse(granted, grantee, version.Content, command) is { } use) return use;
        return command.Reason is null ? Denial.NoReason : null;
    }

    /// <summary>What is wanted, or else what the consent allows; what may only be taken out sealed may also be looked at.</summary>
    public static string UseOf(ConsentGranted granted, ReadEvidence command) =>
        command.Use ?? (granted.Delivery == Deliveries.Sealed ? Deliveries.View : granted.Delivery);

    private static Denial? DenyUse(ConsentGranted granted, Agency grantee, StoredContent content, ReadEvidence command)
    {
        var use = UseOf(granted, command);
        if (use == Deliveries.Sealed != (command.Profile is not null)) return Denial.NotDelivered;
        if (use == Deliveries.View)
            return granted.Delivery == Deliveries.Download || MediaTypes.Previewable.Contains(content.MediaType) ? null : Denial.NotViewable;
        if (use != granted.Delivery) return Denial.NotDelivered;
        if (use != Deliveries.Sealed) return null;
        if (grantee.Recipient is not { } recipient) return Denial.NoCertificate;
        return command.Recipient is { } sealedFor && sealedFor != recipient.Fingerprint ? Denial.CertificateChanged : null;
    }

    /// <summary>The version that would be read, or null when the consent does not reach the one that is wanted.</summary>
    public static DocumentVersion? Wanted(ConsentGranted granted, Document document, ReadEvidence command, DateTimeOffset now) =>
        Coverage.VersionsOf(granted, command.Document, document, now).LastOrDefault(version => (command.Version ?? version.Number) == version.Number);

    /// <param name="id">The consent.</param>
    /// <param name="granted">What it says: never changes.</param>
    /// <param name="command">What is read; its version is the one whose bytes lie ready.</param>
    /// <param name="reason">Why.</param>
    /// <returns>What became of it; when it was refused by these rules, why in truth.</returns>
    public static async Task<(Outcome Outcome, Denial? Denial)> Handle(
        Guid id, ConsentGranted granted, ReadEvidence command, string reason, Actor actor, ActRunner acts, DueMutations mutations, RequestKeys keys,
        CancellationToken cancellation)
    {
        // Each answer with content is a read of its own: a repeated request is a second one.
        var reader = actor.For(granted.Grantee) with { IdempotencyKey = null, IfMatch = null };
        Denial? denial = null;
        var outcome = await acts.RunInTurnAsync(id, reader, async session =>
        {
            if (granted.TiedToPosting) await mutations.EnsureAsync(session, granted.Vault, cancellation);
            var grantee = await session.FetchGuarded<Agency>(granted.Grantee, cancellation);
            var document = await session.FetchGuarded<Document>(command.Document, cancellation);
            var consent = await session.FetchForWriting<Consent>(id, cancellation);
            // The holder asked for the document or the vault to be erased: from that position on no agency reads it.
            var vault = await session.FetchGuarded<Vault>(granted.Vault, cancellation);
            denial = Coverage.DenyErased(vault.State, document.State);
            if (denial is not null) return denial.Told;
            var written = command with { Reason = await keys.SealAsync(granted.Vault, reason, cancellation) };
            var decision = Decide(consent.State, grantee.State, document.State, written, session.Now);
            denial = Deny(consent.State, grantee.State, document.State, written, session.Now);
            if (denial is null)
                session.NotAfter(Coverage.LastInstant(granted, grantee.State, Wanted(granted, document.State, written, session.Now)!));
            return session.Take(consent, decision, reader);
        }, cancellation, Recall.Rely);
        return (outcome, denial);
    }

    public static void Map(IEndpointRouteBuilder api) => api.MapMethods("/consents/{id:guid}/evidence/{document:guid}/content", ["GET", "HEAD"], Get)
        .RequireAuthorization(Policies.Clerk)
        .WithSummary("Read evidence, saying why. Each answer with content is one read, each range of a resumed download too; HEAD sends and records nothing")
        .Produces<Stream>(StatusCodes.Status200OK, "application/octet-stream").Produces<Stream>(StatusCodes.Status206PartialContent, "application/octet-stream");

    private static Task<IResult> Get(
        Guid id, Guid document, string? reason, string? use, int? version, HttpContext http, Person person, EvidenceReader reader, CancellationToken cancellation) =>
        reader.AnswerAsync(http, id, new ReadEvidence(document, person.Id, version, use, null), reason, cancellation);
}
