using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Agencies;

/// <summary>An agency (or an ATLAS space, which is one) may ask for evidence here.</summary>
/// <param name="Kind">As the catalogue names the kinds that may ask: <c>caf</c>, <c>town-hall</c>, <c>atlas</c>.</param>
/// <param name="SiteCode">For a space: its site code.</param>
/// <param name="Garrison">For a space: its garrison.</param>
public sealed record AgencyRegistered(string Name, string Kind, string? SiteCode, string? Garrison) : IEvent;

/// <summary>A person acts for the agency from now on.</summary>
public sealed record ClerkAppointed(Guid Clerk, Personal Name) : IEvent;

/// <summary>A person no longer acts for the agency.</summary>
public sealed record ClerkDismissed(Guid Clerk) : IEvent;

/// <summary>A habilitation: the agency may ask for these evidence types under this procedure, until an instant. A later one replaces it.</summary>
public sealed record ProcedureDeclared(string Procedure, IReadOnlyList<string> EvidenceTypes, DateTimeOffset? Until) : IEvent;

/// <summary>The habilitation for a procedure ended.</summary>
public sealed record ProcedureWithdrawn(string Procedure) : IEvent;

/// <summary>One of two people says that this certificate is the agency's: nothing is sealed for it yet.</summary>
/// <param name="Fingerprint">SHA-256 of the certificate, lower-case hex.</param>
/// <param name="Certificate">DER, base 64.</param>
/// <param name="Side">For whom they speak.</param>
public sealed record CertificateProposed(string Fingerprint, string Certificate, Guid By, [property: OneOf(typeof(Sides))] string Side) : IEvent;

/// <summary>The second, from the other side, says so too: from now on sealed copies for the agency are sealed for it.</summary>
public sealed record CertificateEnrolled(string Fingerprint, Guid By) : IEvent;

/// <summary>Nothing is sealed for the certificate any more; what was sealed before still opens.</summary>
public sealed record CertificateRevoked(string Fingerprint, Guid By) : IEvent;

/// <summary>For whom a person speaks who vouches for a certificate.</summary>
public static class Sides
{
    public const string Agency = "agency";
    public const string Operator = "operator";
}

/// <summary>A certificate that was proposed for an agency.</summary>
/// <param name="Encoded">DER, base 64.</param>
public sealed record AgencyCertificate(string Fingerprint, string Encoded, Guid ProposedBy, string Side, Guid? ConfirmedBy = null, bool IsRevoked = false)
{
    public bool IsEnrolled => ConfirmedBy is not null && !IsRevoked;

    public string State => IsRevoked ? "revoked" : ConfirmedBy is null ? "proposed" : "enrolled";
}

/// <summary>The agency's right to ask under one procedure. The person's consent is needed besides, at the instant of each read.</summary>
public sealed record Habilitation(IReadOnlyList<string> EvidenceTypes, DateTimeOffset? Until);

/// <summary>Who asks: its clerks, and what it may ask for.</summary>
public sealed record Agency(
    string Name, string Kind, string? SiteCode, string? Garrison,
    IReadOnlyDictionary<Guid, Personal> Clerks, IReadOnlyDictionary<string, Habilitation> Habilitations) : IAggregate<Agency>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<AgencyRegistered>("agency_registered")
        .Add<ClerkAppointed>("clerk_appointed")
        .Add<ClerkDismissed>("clerk_dismissed")
        .Add<ProcedureDeclared>("procedure_declared")
        .Add<ProcedureWithdrawn>("procedure_withdrawn")
        .Add<CertificateProposed>("certificate_proposed")
        .Add<CertificateEnrolled>("certificate_enrolled")
        .Add<CertificateRevoked>("certificate_revoked");

    public const string AtlasKind = "atlas";

    public static string StreamType => "agency";

    public static Agency Empty { get; } = new("", "", null, null, new Dictionary<Guid, Personal>(), new Dictionary<string, Habilitation>());

    /// <summary>All that were proposed, oldest first.</summary>
    public IReadOnlyList<AgencyCertificate> Certificates { get; init; } = [];

    /// <summary>The certificate that sealed copies are sealed for: the one that was enrolled last and not revoked, or null.</summary>
    public AgencyCertificate? Recipient => Certificates.LastOrDefault(certificate => certificate.IsEnrolled);

    public AgencyCertificate? FindCertificate(string fingerprint) => Certificates.FirstOrDefault(certificate => certificate.Fingerprint == fingerprint);

    public bool IsSpace => Kind == AtlasKind;

    public bool Employs(Guid person) => Clerks.ContainsKey(person);

    /// <summary>Whether the agency may deal with the procedure at this instant.</summary>
    public bool May(string procedure, DateTimeOffset at) =>
        Habilitations.TryGetValue(procedure, out var right) && (right.Until is not { } until || at < until);

    /// <summary>Whether the agency may read this type of evidence under the procedure at this instant.</summary>
    public bool MayRead(string procedure, string evidenceType, DateTimeOffset at) =>
        May(procedure, at) && Habilitations[procedure].EvidenceTypes.Contains(evidenceType);

    public static Agency Evolve(Agency state, IEvent @event) => @event switch
    {
        AgencyRegistered e => state with { Name = e.Name, Kind = e.Kind, SiteCode = e.SiteCode, Garrison = e.Garrison },
        ClerkAppointed e => state with { Clerks = new Dictionary<Guid, Personal>(state.Clerks) { [e.Clerk] = e.Name } },
        ClerkDismissed e => state with { Clerks = state.Clerks.Where(clerk => clerk.Key != e.Clerk).ToDictionary() },
        ProcedureDeclared e => state with
        {
            Habilitations = new Dictionary<string, Habilitation>(state.Habilitations) { [e.Procedure] = new(e.EvidenceTypes, e.Until) },
        },
        ProcedureWithdrawn e => state with { Habilitations = state.Habilitations.Where(right => right.Key != e.Procedure).ToDictionary() },
        CertificateProposed e => state with { Certificates = [.. state.Certificates, new AgencyCertificate(e.Fingerprint, e.Certificate, e.By, e.Side)] },
        // To the end: the newest enrolment counts, whichever was proposed first.
        CertificateEnrolled e => state.With(e.Fingerprint, certificate => certificate with { ConfirmedBy = e.By }, last: true),
        CertificateRevoked e => state.With(e.Fingerprint, certificate => certificate with { IsRevoked = true }, last: false),
        _ => state,
    };

    private Agency With(string fingerprint, Func<AgencyCertificate, AgencyCertificate> change, bool last)
    {
        var changed = Certificates.Where(certificate => certificate.Fingerprint == fingerprint).Select(change);
        return this with
        {
            Certificates = last
                ? [.. Certificates.Where(certificate => certificate.Fingerprint != fingerprint), .. changed]
                : [.. Certificates.Select(certificate => certificate.Fingerprint == fingerprint ? change(certificate) : certificate)],
        };
    }
}
