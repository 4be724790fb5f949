using CoffreFort.EventStore;
using CoffreFort.Server.Features.Agencies;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;

namespace CoffreFort.Server.Features.Audits;

/// <summary>The streams of one vault, and those of the agencies that its consents name, as they stood at an instant.</summary>
public sealed record PastStreams(
    IReadOnlyDictionary<Guid, (Document State, IReadOnlyList<StoredEvent> Events)> Documents,
    IReadOnlyDictionary<Guid, (Consent State, IReadOnlyList<StoredEvent> Events)> Consents,
    IReadOnlyList<Mutation> Mutations,
    IReadOnlyDictionary<Guid, Agency> Agencies,
    PastCatalogue? Catalogue)
{
    /// <summary>The holder had asked for the whole vault to be erased, or it was: no agency could read anything.</summary>
    public bool IsClosed { get; init; }
}

/// <param name="Position">The journal's last event at or before that instant: the state is the fold of all up to it.</param>
/// <param name="Readers">Who could read.</param>
/// <param name="Reads">Who did, up to then, in the journal's order.</param>
/// <param name="Catalogue">The catalogue in force; null before the first was recorded.</param>
public sealed record PastStateView(
    DateTimeOffset At, long Position, IReadOnlyList<PastDocument> Documents, IReadOnlyList<PastConsent> Consents,
    IReadOnlyList<PastReader> Readers, IReadOnlyList<PastRead> Reads, PastCatalogue? Catalogue);

/// <summary>The two files of the catalogue: the version that each states of itself, and its SHA-256 in lower-case hex.</summary>
/// <param name="Event">The event that recorded it.</param>
public sealed record PastCatalogue(
    DateTimeOffset Since, string EvidenceTypesVersion, string EvidenceTypesSha256, string ProceduresVersion, string ProceduresSha256, Guid Event);

/// <param name="Event">The event that deposited this version.</param>
public sealed record PastDocument(Guid Document, int Version, string EvidenceType, long Size, string MediaType, DateTimeOffset DepositedAt, Guid Event);

public sealed record PastConsent(
    Guid Id, string State, Guid Grantee, string Procedure, DateTimeOffset From, DateTimeOffset Until, int? Uses, int Used, string Delivery,
    IReadOnlyList<GrantedPiece> Pieces, IReadOnlyList<string> EvidenceTypes, bool TiedToPosting, Guid? Mutation);

public sealed record PastReader(Guid Agency, Guid Document, int Version, Guid Consent);

public sealed record PastRead(
    DateTimeOffset At, long Position, Guid Agency, Guid Person, Guid Document, int Version, string Procedure, Guid Consent, Guid Event);

/// <summary>One event of a vault's streams: what happened, when, by whom; nothing of what it says.</summary>
/// <param name="Kind">The stream's kind: vault, document, access_request, consent, mutation.</param>
/// <param name="Type">The event's stored name.</param>
/// <param name="Actor">The person's opaque id; null for the system's own clockwork.</param>
public sealed record TimelineLine(
    long Position, DateTimeOffset At, string Type, string Kind, Guid Stream, long Version, Guid? Actor, Guid? Agency, Guid Event);
