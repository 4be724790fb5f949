using CoffreFort.Server.Web;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>How far a day is, in plain words.</summary>
public static class Countdown
{
    public static string Until(this IStringLocalizer<Texts> texts, DateOnly day, DateOnly today) => (day.DayNumber - today.DayNumber) switch
    {
        < -1 => texts["Depuis le {0}", Show.Day(day)],
        -1 => texts["Depuis hier"],
        0 => texts["Aujourd'hui"],
        1 => texts["Demain"],
        <= 60 and var days => texts["Dans {0} jours", days],
        var days => texts["Dans {0} mois environ", (int)Math.Round(days / 30.44)],
    };
}
