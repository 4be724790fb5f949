using System.Collections.Immutable;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Catalogue;

/// <summary>
/// One of the four shapes that a procedure's demand on a document's date can take. It belongs to (evidence type, procedure,
/// as-of date), never to the document: the same proof of address is good for three, six or twelve months.
/// </summary>
[JsonPolymorphic(TypeDiscriminatorPropertyName = "shape")]
[JsonDerivedType(typeof(FixedEnd), "fixed-end")]
[JsonDerivedType(typeof(AgeAtFiling), "age-at-filing")]
[JsonDerivedType(typeof(PeriodLabel), "period-label")]
[JsonDerivedType(typeof(UntilEvent), "until-event")]
public abstract record Freshness;

/// <summary>Good through the end date that stands on the document.</summary>
/// <param name="ValidityMonths">Counted from the issue date when no end date was stated; the result is then assumed.</param>
/// <param name="Extensions">Documents that a later text prolonged beyond their printed date.</param>
public sealed record FixedEnd(int? ValidityMonths = null, IReadOnlyList<ValidityExtension>? Extensions = null) : Freshness
{
    /// <summary>The prolongations, empty when none.</summary>
    public IReadOnlyList<ValidityExtension> Extensions { get; } = Extensions?.ToImmutableArray() ?? [];
}

/// <summary>Documents issued in this window (both days included) stay good this many months beyond their printed date.</summary>
public sealed record ValidityExtension(DateOnly IssuedFrom, DateOnly IssuedTo, int Months);

/// <summary>Less than so many months old on the day of filing ("de moins de trois mois").</summary>
public sealed record AgeAtFiling(int Months) : Freshness;

/// <summary>About a period counted back from the as-of date: income year N-1 is one back, this school year is none back.</summary>
/// <param name="Unit">What the label names.</param>
/// <param name="NewestBack">The most recent period accepted.</param>
/// <param name="OldestBack">The oldest period accepted.</param>
public sealed record PeriodLabel(PeriodUnit Unit, int NewestBack, int OldestBack) : Freshness;

/// <summary>Good until one of these events makes it wrong: a birth, a move, a new posting.</summary>
public sealed record UntilEvent(IReadOnlyList<string> Events) : Freshness
{
    /// <summary>Codes of the events, declared in evidence-types.json.</summary>
    public IReadOnlyList<string> Events { get; } = Events.ToImmutableArray();
}

/// <summary>What a period label names, and how it is written.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<PeriodUnit>))]
public enum PeriodUnit
{
    /// <summary>A calendar year, "2025".</summary>
    [JsonStringEnumMemberName("year")] Year,

    /// <summary>A calendar month, "2026-10".</summary>
    [JsonStringEnumMemberName("month")] Month,

    /// <summary>A school year, from 1 September, "2026-2027".</summary>
    [JsonStringEnumMemberName("school-year")] SchoolYear,
}
