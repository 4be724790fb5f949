using CoffreFort.Server.Catalogue;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A request, to the person who is asked or to the agency that asks.</summary>
/// <param name="State"><c>pending</c>, <c>approved</c>, <c>resolved</c>, <c>refused</c>, <c>withdrawn</c> or <c>expired</c>, at the instant of the answer.</param>
/// <param name="Address">The vault's public address.</param>
/// <param name="ClerkName">Who asks for the agency; null once erased.</param>
/// <param name="Message">The clerk's word to the person; null when there is none or it was erased.</param>
/// <param name="RetentionDays">How long the agency promises at most to keep what it reads.</param>
/// <param name="Expires">Until when the person can answer.</param>
/// <param name="Complete">While it is pending: nothing due is stale or missing.</param>
/// <param name="Pieces">While it is pending, what would be shown; once agreed, what the consent holds; otherwise empty.</param>
/// <param name="Consent">What the person agreed to, or had agreed to before.</param>
/// <param name="Reason">Why the person refused, if they said so.</param>
public sealed record AccessRequestView(
    Guid Id, string State, string Procedure, LocalizedText ProcedureName, Guid Agency, string AgencyName, Guid Vault, string Address,
    Guid Clerk, string? ClerkName, string Purpose, string LegalBasis, IReadOnlyList<string> Situation, string? Message, int RetentionDays,
    DateTimeOffset AskedAt, DateTimeOffset Expires, DateTimeOffset? AnsweredAt, bool? Complete, IReadOnlyList<PieceView> Pieces, Guid? Consent, string? Reason)
{
    [System.Text.Json.Serialization.JsonIgnore]
    public long StreamVersion { get; init; }
}
