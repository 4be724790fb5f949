using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

/// <summary>The answer to a requirement for one vault on one day.</summary>
/// <param name="Complete">Nothing due is stale or missing. Lawful non-supply is complete.</param>
/// <param name="Pieces">In the order of the requirement: what is due first, then what is not.</param>
public sealed record Evaluation(bool Complete, IReadOnlyList<Piece> Pieces)
{
    /// <summary>What an agency would be shown: the satisfied pieces, each version once.</summary>
    public IEnumerable<Piece> Shown => Pieces.Where(piece => piece.Status == PieceStatus.Satisfied).DistinctBy(piece => (piece.Document, piece.Version));
}

/// <summary>One piece of the answer.</summary>
/// <param name="Asked">The type that the requirement names.</param>
/// <param name="EvidenceType">The type that answers it: the asked one or a substitute.</param>
/// <param name="Document">The document chosen (satisfied), or the best one no longer fresh (stale); null otherwise.</param>
/// <param name="StaleSince">The first day on which it was no longer fresh.</param>
/// <param name="FreshUntil">The last day on which it will still be fresh, when one is known.</param>
/// <param name="Assumptions">What was taken for granted because a date is not stated: to be shown to the holder and to the agency.</param>
/// <param name="WouldDo">What would satisfy or renew it, best first; for an assumed piece, which date to state.</param>
/// <param name="Effect">For lawful non-supply, what follows from it.</param>
/// <param name="Rule">For lawful non-supply and for what is not due, where that is written; null when the situation alone decides.</param>
public sealed record Piece(
    string Asked,
    string EvidenceType,
    PieceStatus Status,
    LocalizedText? Role = null,
    Guid? Document = null,
    int? Version = null,
    DateOnly? StaleSince = null,
    DateOnly? FreshUntil = null,
    IReadOnlyList<Assumption>? Assumptions = null,
    IReadOnlyList<Remedy>? WouldDo = null,
    string? Choice = null,
    LocalizedText? Effect = null,
    Rule? Rule = null)
{
    public IReadOnlyList<Assumption> Assumptions { get; init; } = Assumptions ?? [];

    public IReadOnlyList<Remedy> WouldDo { get; init; } = WouldDo ?? [];
}

[JsonConverter(typeof(JsonStringEnumConverter<PieceStatus>))]
public enum PieceStatus
{
    [JsonStringEnumMemberName("satisfied")] Satisfied,
    [JsonStringEnumMemberName("stale")] Stale,
    [JsonStringEnumMemberName("missing")] Missing,
    [JsonStringEnumMemberName("not-due")] NotDue,
    [JsonStringEnumMemberName("not-supplied")] NotSupplied,
}

/// <summary>What an answer takes for granted.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<Assumption>))]
public enum Assumption
{
    /// <summary>The issue date is not stated. The deposit date bounds the age from below only: the document may be older.</summary>
    [JsonStringEnumMemberName("issue-date-not-stated")] IssueDateNotStated,

    /// <summary>The period is not stated, or can't be read: at best it is the newest that was accepted on the day of deposit.</summary>
    [JsonStringEnumMemberName("period-not-stated")] PeriodNotStated,

    /// <summary>The end date is not stated.</summary>
    [JsonStringEnumMemberName("end-date-not-stated")] EndDateNotStated,

    /// <summary>The printed end has passed, a later text prolongs such documents, and its conditions are not checked.</summary>
    [JsonStringEnumMemberName("prolonged-by-a-later-text")] ProlongedByALaterText,
}

/// <summary>Something the holder can do about a piece.</summary>
/// <param name="EvidenceType">The type that would do.</param>
/// <param name="Document">For stating a date or a period: on which document.</param>
/// <param name="IssuedOnOrAfter">A document would have to be issued on this day or later.</param>
/// <param name="ValidOn">It would have to be still valid on this day.</param>
/// <param name="Periods">It would have to be about one of these periods, newest first.</param>
public sealed record Remedy(
    RemedyKind Kind,
    string EvidenceType,
    Guid? Document = null,
    int? Version = null,
    DateOnly? IssuedOnOrAfter = null,
    DateOnly? ValidOn = null,
    IReadOnlyList<string>? Periods = null)
{
    public IReadOnlyList<string> Periods { get; init; } = Periods ?? [];
}

[JsonConverter(typeof(JsonStringEnumConverter<RemedyKind>))]
public enum RemedyKind
{
    [JsonStringEnumMemberName("deposit")] Deposit,
    [JsonStringEnumMemberName("state-issue-date")] StateIssueDate,
    [JsonStringEnumMemberName("state-end-date")] StateEndDate,
    [JsonStringEnumMemberName("state-period")] StatePeriod,
}
