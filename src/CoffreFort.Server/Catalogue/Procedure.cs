using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

/// <summary>A procedure (démarche) for which agencies of some kinds may ask evidence.</summary>
/// <param name="AgencyKinds">Who may ask.</param>
/// <param name="JudgedAt">Which day is the as-of date.</param>
/// <param name="RetentionPromisedDays">How long the agency promises to keep what it reads.</param>
/// <param name="DefaultConsentDays">The period offered when a holder agrees.</param>
/// <param name="DefaultUses">The number of reads offered; null is unlimited.</param>
/// <param name="Requirement">What is due; its leaves carry their type's freshness and sensitivity once loaded.</param>
/// <param name="ClosedList">What the law lets be asked, when it closes the list.</param>
/// <param name="CommonlyAsked">Types that forms are seen to ask as well; reported as not due when the list is closed.</param>
/// <param name="NotCovered">Pieces of the real procedure for which the catalogue has no type yet.</param>
public sealed record Procedure(
    string Code,
    LocalizedText Name,
    IReadOnlyList<AgencyKind> AgencyKinds,
    LocalizedText Purpose,
    LocalizedText LegalBasis,
    JudgedAt JudgedAt,
    int RetentionPromisedDays,
    int DefaultConsentDays,
    int? DefaultUses,
    Requirement Requirement,
    ClosedList? ClosedList,
    IReadOnlyList<string> CommonlyAsked,
    IReadOnlyList<LocalizedText> NotCovered,
    IReadOnlyList<Rule> Rules)
{
    /// <summary>Whether agencies of this kind, by its stored name (<c>town-hall</c>), may ask under the procedure.</summary>
    public bool MayBeAskedBy(string kind) => AgencyKinds.Any(one => JsonNamingPolicy.KebabCaseLower.ConvertName(one.ToString()) == kind);
}

[JsonConverter(typeof(JsonStringEnumConverter<AgencyKind>))]
public enum AgencyKind
{
    [JsonStringEnumMemberName("atlas")] Atlas,
    [JsonStringEnumMemberName("caf")] Caf,
    [JsonStringEnumMemberName("town-hall")] TownHall,
}

[JsonConverter(typeof(JsonStringEnumConverter<JudgedAt>))]
public enum JudgedAt
{
    [JsonStringEnumMemberName("filing")] Filing,
    [JsonStringEnumMemberName("examination")] Examination,
}

/// <summary>The types that may be asked, all others being forbidden, and the article that says so.</summary>
public sealed record ClosedList(IReadOnlyList<string> EvidenceTypes, Rule Article);

/// <summary>A flag that a requirement can depend on ("has-children").</summary>
public sealed record SituationFlag(string Code, LocalizedText Name);

/// <summary>An event that can make evidence wrong ("birth", "move").</summary>
public sealed record LifeEvent(string Code, LocalizedText Name);

/// <summary>Something to do after a mutation.</summary>
/// <param name="Procedure">The catalogue's procedure, when it has one.</param>
/// <param name="Days">Either days</param>
/// <param name="Months">or months, counted from the move; neither when the move does not set the date.</param>
public sealed record MutationDeadline(LocalizedText Name, string? Procedure, int? Days, int? Months, Rule Rule)
{
    /// <summary>The last day to do it after a move on that day, or null when the move does not set it.</summary>
    public DateOnly? LastDay(DateOnly movedOn) => (Days, Months) == (null, null) ? null : movedOn.AddMonths(Months ?? 0).AddDays(Days ?? 0);
}
