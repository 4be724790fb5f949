using CoffreFort.EventStore;

namespace CoffreFort.Server.Features.Consents;

/// <summary>A person lets one agency read exactly this, for one procedure and purpose, in a period, so many times.</summary>
/// <param name="Uses">How many reads; null for as many as the period holds.</param>
/// <param name="Pieces">Named documents at named versions.</param>
/// <param name="EvidenceTypes">A standing consent: the newest valid version of these types, also of documents deposited later. Empty otherwise.</param>
/// <param name="Request">The access request it answers, if one was made.</param>
/// <param name="TiedToPosting">Given to the space of the holder's posting: it ends when a mutation takes effect.</param>
/// <param name="Mutation">The mutation whose handover gave it, if one did.</param>
public sealed record ConsentGranted(
    Guid Vault, Guid Grantee, string Procedure, string Purpose, string LegalBasis, DateTimeOffset From, DateTimeOffset Until, int? Uses,
    [property: OneOf(typeof(Deliveries))] string Delivery, IReadOnlyList<GrantedPiece> Pieces, IReadOnlyList<string> EvidenceTypes, int RetentionDays, Guid? Request,
    bool TiedToPosting, Guid? Mutation, Guid By) : IEvent
{
    /// <summary>The purpose in the holder's own words, when they gave one; <see cref="Purpose"/> is the catalogue's.</summary>
    public Personal? StatedPurpose { get; init; }

    [System.Text.Json.Serialization.JsonIgnore]
    public bool IsStanding => EvidenceTypes.Count > 0;
}

/// <summary>Content was about to leave towards the agency; no byte left before this was durable.</summary>
/// <param name="Reason">Why the clerk reads it, in the clerk's words.</param>
public sealed record EvidenceRead(
    Guid Document, int Version, string EvidenceType, Guid Agency, Guid Clerk, string Procedure,
    [property: OneOf(typeof(Deliveries))] string Delivery, Personal Reason) : IEvent
{
    /// <summary>For a sealed copy: SHA-256 of the certificate that it was sealed for, lower-case hex.</summary>
    public string? Recipient { get; init; }

    /// <summary>For a sealed copy: whether it held the document or its key.</summary>
    [OneOf(typeof(SealedProfiles))]
    public string? Profile { get; init; }
}

/// <summary>Somebody tried to read under this consent and was refused.</summary>
/// <param name="Code">The refusal's stable code, as the rules see it; what the person was told may say less.</param>
public sealed record EvidenceReadRefused(Guid? Document, Guid? Agency, Guid Clerk, string Code, Personal? Reason) : IEvent;

/// <summary>The consent ended before its time: no EvidenceRead can follow.</summary>
/// <param name="By">Who ended it; the system's own id when a mutation did.</param>
public sealed record ConsentRevoked(Guid By, [property: OneOf(typeof(RevocationCauses))] string Cause, Guid? Mutation) : IEvent;

/// <summary>One document at one version that a consent names.</summary>
public sealed record GrantedPiece(Guid Document, int Version, string EvidenceType);

public static class Deliveries
{
    public const string View = "view";
    public const string Download = "download";
    public const string Sealed = "sealed";

    public static IReadOnlyList<string> All { get; } = [View, Download, Sealed];
}

/// <summary>What a sealed copy holds (docs/spec/sealed-copy.md §6 and §7).</summary>
public static class SealedProfiles
{
    public const string Document = "document";
    public const string Key = "key";
}

public static class RevocationCauses
{
    public const string Holder = "holder";
    public const string Mutation = "mutation";

    /// <summary>All that it names was erased.</summary>
    public const string Erasure = "erasure";
}

/// <summary>A consent: what was granted, how often it was used, and whether it was revoked.</summary>
public sealed record Consent(ConsentGranted? Granted, int Used, ConsentRevoked? Revoked) : IAggregate<Consent>
{
    public static readonly EventTypes Events = new EventTypes()
        .Add<ConsentGranted>("consent_granted")
        .Add<EvidenceRead>("evidence_read")
        .Add<EvidenceReadRefused>("evidence_read_refused")
        .Add<ConsentRevoked>("consent_revoked");

    public static string StreamType => "consent";

    public static Consent Empty { get; } = new(null, 0, null);

    /// <summary>The state's stable name at an instant: <c>active</c>, <c>upcoming</c>, <c>revoked</c>, <c>expired</c> or <c>used-up</c>.</summary>
    public string StateAt(DateTimeOffset now) => this switch
    {
        { Revoked: not null } => "revoked",
        { Granted: { } granted } when now < granted.From => "upcoming",
        { Granted: { } granted } when now >= granted.Until => "expired",
        { Granted: { Uses: { } uses } } when Used >= uses => "used-up",
        _ => "active",
    };

    public static Consent Evolve(Consent state, IEvent @event) => @event switch
    {
        ConsentGranted e => new Consent(e, 0, null),
        EvidenceRead => state with { Used = state.Used + 1 },
        ConsentRevoked e => state with { Revoked = e },
        _ => state,
    };
}
