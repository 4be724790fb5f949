using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.Server.Features.Consents;

/// <summary>
/// Exactly what a consent covers: one grantee, one procedure, a period, a number of uses, and named documents at named versions, or evidence
/// types. The agency's habilitation must cover it too, at the same instant. Everything else is denied.
/// </summary>
public static class Coverage
{
    /// <summary>Why this person may read nothing at all under the consent at this instant, or null.</summary>
    /// <param name="consent">The consent.</param>
    /// <param name="grantee">The agency that it names.</param>
    /// <param name="clerk">Who wants to read.</param>
    /// <param name="now">The instant.</param>
    public static Denial? Deny(Consent consent, Agency grantee, Guid clerk, DateTimeOffset now)
    {
        if (consent.Granted is not { } granted || !grantee.Employs(clerk)) return Denial.NotGrantee;
        if (consent.Revoked is not null) return Denial.Revoked;
        if (now < granted.From) return Denial.NotYet;
        if (now >= granted.Until) return Denial.Expired;
        if (granted.Uses is { } uses && consent.Used >= uses) return Denial.UsedUp;
        return grantee.May(granted.Procedure, now) ? null : Denial.NotHabilitated;
    }

    /// <summary>Why nobody but the holder reads anything in a vault, or of a document; null when the consent decides.</summary>
    public static Denial? DenyErased(Vault vault, Document document) => vault.Erasure.IsClosed || document.Erasure.IsClosed ? Denial.Erased : null;

    /// <summary>The versions of a document that the consent reaches at this instant, oldest first; none for a document outside its scope.</summary>
    public static IReadOnlyList<DocumentVersion> VersionsOf(ConsentGranted granted, Guid id, Document document, DateTimeOffset now)
    {
        if (document.Vault != granted.Vault || document.Erasure.IsClosed) return [];
        if (!granted.IsStanding)
            return [.. document.Versions.Where(version => granted.Pieces.Any(piece => piece.Document == id && piece.Version == version.Number))];
        return granted.EvidenceTypes.Contains(document.EvidenceType) && NewestValid(document, now) is { } newest ? [newest] : [];
    }

    /// <summary>The last instant at which what was decided for this read can still be true.</summary>
    public static DateTimeOffset LastInstant(ConsentGranted granted, Agency grantee, DocumentVersion version)
    {
        var end = granted.Until;
        if (grantee.Habilitations.TryGetValue(granted.Procedure, out var right) && right.Until < end) end = right.Until.Value;
        if (granted.IsStanding && version.Dates.ExpiresOn is { } last && last < DateOnly.MaxValue && FrenchCalendar.StartOf(last.AddDays(1)) < end)
            end = FrenchCalendar.StartOf(last.AddDays(1));
        return end.AddMicroseconds(-1);
    }

    private static DocumentVersion? NewestValid(Document document, DateTimeOffset now)
    {
        var today = FrenchCalendar.DayOf(now);
        return document.Versions.LastOrDefault(version => version.Dates.ExpiresOn is not { } last || today <= last);
    }
}
