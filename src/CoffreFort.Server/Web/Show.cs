using System.Globalization;

namespace CoffreFort.Server.Web;

/// <summary>Dates, times and sizes as the person reads them: Europe/Paris, in their language.</summary>
public static class Show
{
    private static readonly TimeZoneInfo Paris = TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris");
    private static readonly CultureInfo French = CultureInfo.GetCultureInfo("fr-FR");
    private static readonly CultureInfo English = CultureInfo.GetCultureInfo("en-GB");

    private static bool InEnglish => Language.Current == "en";

    /// <summary>12 mars 2026, 1er avril 2026; 12 March 2026.</summary>
    public static string Day(DateOnly day) =>
        InEnglish ? day.ToString("d MMMM yyyy", English)
        : day.Day == 1 ? day.ToString("'1er' MMMM yyyy", French)
        : day.ToString("d MMMM yyyy", French);

    /// <summary>The day it is in Paris at that instant.</summary>
    public static string Day(DateTimeOffset instant) => Day(DayInParis(instant));

    /// <summary>12 mars 2026 à 14 h 05; 12 March 2026 at 14:05.</summary>
    public static string Instant(DateTimeOffset instant)
    {
        var local = TimeZoneInfo.ConvertTime(instant, Paris);
        return InEnglish
            ? $"{Day(instant)} at {local.ToString("HH:mm", English)}"
            : $"{Day(instant)} à {local.ToString("%H'\u00a0h\u00a0'mm", French)}";
    }

    /// <summary>1 octet, 340 octets, 12 ko, 1,2 Mo; 1 byte, 340 bytes, 12 kB, 1.2 MB. Powers of a thousand, as the units say.</summary>
    public static string Size(long bytes)
    {
        var culture = InEnglish ? English : French;
        string[] units = InEnglish ? ["bytes", "kB", "MB", "GB", "TB"] : ["octets", "ko", "Mo", "Go", "To"];
        if (bytes == 1 || (bytes == 0 && !InEnglish)) units[0] = InEnglish ? "byte" : "octet";
        double value = bytes;
        var unit = 0;
        for (; Math.Round(value, value < 10 && unit > 0 ? 1 : 0) >= 1000 && unit < units.Length - 1; unit++)
            value /= 1000;
        return value.ToString(unit > 0 && value < 9.95 ? "0.#" : "0", culture) + "\u00a0" + units[unit];
    }

    /// <summary>For the <c>datetime</c> attribute of <c>&lt;time&gt;</c>.</summary>
    public static string Machine(DateTimeOffset instant) => instant.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);

    public static DateOnly DayInParis(DateTimeOffset instant) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTime(instant, Paris).DateTime);
}
