using System.Text.Json.Serialization;

namespace CoffreFort.Server.Features.Consents;

/// <summary>A consent as its holder and its grantee see it.</summary>
/// <param name="State">active, upcoming, revoked, expired or used-up, in journal time.</param>
/// <param name="Grantee">The agency.</param>
/// <param name="Purpose">In the holder's words when they gave some, else the catalogue's.</param>
/// <param name="Uses">How many reads; null for as many as the period holds.</param>
/// <param name="Used">How many there were.</param>
/// <param name="Pieces">Named documents at named versions; empty for a standing consent.</param>
/// <param name="EvidenceTypes">What a standing consent reaches.</param>
/// <param name="EndedBy">holder, mutation or erasure, once revoked.</param>
public sealed record ConsentView(
    Guid Id, string State, Guid Vault, Guid Grantee, string? GranteeName, string Procedure, string Purpose, string LegalBasis,
    DateTimeOffset From, DateTimeOffset Until, int? Uses, int Used, string Delivery, IReadOnlyList<GrantedPiece> Pieces,
    IReadOnlyList<string> EvidenceTypes, int RetentionDays, Guid? Request, Guid? Mutation, DateTimeOffset GrantedAt,
    DateTimeOffset? RevokedAt, string? EndedBy, DateTimeOffset? LastRead, string Receipt)
{
    [JsonIgnore]
    public long StreamVersion { get; init; }

    /// <summary>The event that granted it.</summary>
    [JsonIgnore]
    public Guid Event { get; init; }

    /// <summary>Where that event stands in the journal.</summary>
    [JsonIgnore]
    public long Position { get; init; }

    [JsonIgnore]
    public bool Stands => State is "active" or "upcoming";
}
