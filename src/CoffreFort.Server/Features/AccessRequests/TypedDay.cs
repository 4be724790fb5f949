using System.Globalization;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A last day as a browser's date field sends it.</summary>
public static class TypedDay
{
    private const string Format = "yyyy-MM-dd";

    /// <param name="typed">Empty when the person leaves it open.</param>
    /// <param name="end">The instant at which that day is over in metropolitan France; null when it is left open.</param>
    /// <returns>False when it is no day.</returns>
    public static bool TryEnd(string? typed, out DateTimeOffset? end)
    {
        end = null;
        if (string.IsNullOrWhiteSpace(typed)) return true;
        if (!DateOnly.TryParseExact(typed, Format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day) || day.Year is < 1900 or > 9000) return false;
        end = FrenchCalendar.StartOf(day.AddDays(1));
        return true;
    }

    public static string Text(DateOnly day) => day.ToString(Format, CultureInfo.InvariantCulture);

    public static Refusal NotADay { get; } = new(
        "not-a-day", "La date n'est pas comprise. Rien n'a été envoyé : écrivez-la comme 2026-05-31.", 422);
}
