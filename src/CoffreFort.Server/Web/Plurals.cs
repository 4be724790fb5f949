using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web;

public static class Plurals
{
    /// <summary><c>@T.Count(n, "{0} pièce", "{0} pièces")</c>: French counts 0 and 1 as singular, English only 1.</summary>
    public static string Count(this IStringLocalizer<Texts> texts, long number, string one, string several) =>
        texts[number == 1 || (number == 0 && Language.Current == "fr") ? one : several, number];

    /// <summary>The noun alone, for beside a figure: <c>@T.Label(n, "document", "documents")</c>.</summary>
    public static string Label(this IStringLocalizer<Texts> texts, long number, string one, string several) =>
        texts[number == 1 || (number == 0 && Language.Current == "fr") ? one : several];
}
