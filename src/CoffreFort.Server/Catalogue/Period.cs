using System.Globalization;

namespace CoffreFort.Server.Catalogue;

/// <summary>Period labels as numbers that count up by one a period, so that "N-1" is a subtraction.</summary>
internal static class Period
{
    private const int SchoolYearStartsIn = 9;

    internal static int Of(PeriodUnit unit, DateOnly day) => unit switch
    {
        PeriodUnit.Year => day.Year,
        PeriodUnit.Month => day.Year * 12 + day.Month - 1,
        _ => day.Month >= SchoolYearStartsIn ? day.Year : day.Year - 1,
    };

    internal static DateOnly FirstDay(PeriodUnit unit, int period) => unit switch
    {
        PeriodUnit.Year => new DateOnly(period, 1, 1),
        PeriodUnit.Month => new DateOnly(period / 12, period % 12 + 1, 1),
        _ => new DateOnly(period, SchoolYearStartsIn, 1),
    };

    internal static string Label(PeriodUnit unit, int period) => unit switch
    {
        PeriodUnit.Year => period.ToString("D4", CultureInfo.InvariantCulture),
        PeriodUnit.Month => FirstDay(unit, period).ToString("yyyy-MM", CultureInfo.InvariantCulture),
        _ => string.Create(CultureInfo.InvariantCulture, $"{period:D4}-{period + 1:D4}"),
    };

    /// <summary>The period of a label, or null when it is not written exactly as its unit says.</summary>
    internal static int? Parse(PeriodUnit unit, string? label)
    {
        if (label is null || label.Length < 4 || !int.TryParse(label.AsSpan(0, 4), NumberStyles.None, CultureInfo.InvariantCulture, out var year) || year is < 1900 or > 2999)
            return null;
        var period = year;
        if (unit == PeriodUnit.Month)
        {
            if (label.Length != 7 || !int.TryParse(label.AsSpan(5), NumberStyles.None, CultureInfo.InvariantCulture, out var month) || month is < 1 or > 12)
                return null;
            period = year * 12 + month - 1;
        }

        return Label(unit, period) == label ? period : null;
    }
}
