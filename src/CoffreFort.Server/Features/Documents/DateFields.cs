using CoffreFort.Server.Catalogue;

namespace CoffreFort.Server.Features.Documents;

/// <summary>The dates that a form asks of one evidence type, with what was typed: the model of <c>_DateFields</c>.</summary>
public sealed record DateFields(EvidenceType Type, string IssuedOn, string ExpiresOn, string Period)
{
    public static DateFields Of(EvidenceType type, StatedDates? dates = null) => new(type, Day(dates?.IssuedOn), Day(dates?.ExpiresOn), dates?.Period ?? "");

    public bool Asks(StatedDate date) => Type.StatedDates.Contains(date);

    /// <summary>How a period of this unit is written.</summary>
    public static string Example(PeriodUnit unit) => unit switch
    {
        PeriodUnit.Year => "2025",
        PeriodUnit.Month => "2026-10",
        _ => "2026-2027",
    };

    private static string Day(DateOnly? day) => day?.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) ?? "";
}
