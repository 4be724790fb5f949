namespace CoffreFort.Server.Features.Mutations;

/// <summary>From when to when a posting may take effect: in the past (at once), today, or months ahead.</summary>
internal static class PostingDates
{
    private const int MonthsAhead = 24;
    private const int YearsBack = 50;

    public static Refusal? Refuse(DateOnly day, DateTimeOffset now)
    {
        var today = FrenchCalendar.DayOf(now);
        if (day > today.AddMonths(MonthsAhead)) return TooFarAhead;
        return day < today.AddYears(-YearsBack) ? TooLongAgo : null;
    }

    private static Refusal TooFarAhead { get; } = new("date-too-far", "Une mutation s'annonce 24 mois à l'avance au plus.", 422);

    private static Refusal TooLongAgo { get; } = new("date-too-old", "Cette date est trop ancienne pour être celle d'une mutation.", 422);
}
