namespace CoffreFort.Server.Web;

/// <summary>The few drawings of the pages, on a grid of 24, drawn with the text's colour.</summary>
public static class Icon
{
    private static readonly Dictionary<string, string> Paths = new()
    {
        ["check"] = "M5 12.5l4.5 4.5L19 7.5",
        ["cross"] = "M6 6l12 12M18 6L6 18",
        ["clock"] = "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 7v5l3.5 2",
        ["renew"] = "M20 5v5h-5M4 19v-5h5M5.5 9a7 7 0 0 1 12-2.5L20 10M4 14l2.5 3.5a7 7 0 0 0 12-2.5",
        ["minus"] = "M6 12h12",
        ["question"] = "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM9.5 9.5a2.5 2.5 0 1 1 3.5 2.3c-.7.4-1 .9-1 1.7M12 17v.1",
        ["info"] = "M12 3a9 9 0 1 0 0 18a9 9 0 1 0 0-18zM12 11v6M12 7.5v.1",
        ["warning"] = "M12 4L2.8 20h18.4zM12 10v4.5M12 17.3v.1",
        ["stop"] = "M8 3h8l5 5v8l-5 5H8l-5-5V8zM12 7.5v5.5M12 16.4v.1",
        ["document"] = "M6 3h8l4 4v14H6zM14 3v4h4M9 12h6M9 16h6",
        ["vault"] = "M4 4h16v14H4zM7 18v3M17 18v3M12 8a3 3 0 1 0 0 6a3 3 0 1 0 0-6zM12 5.8V8M12 14v2.2",
        ["eye"] = "M2.5 12S6 5.5 12 5.5S21.5 12 21.5 12S18 18.5 12 18.5S2.5 12 2.5 12zM12 9a3 3 0 1 0 0 6a3 3 0 1 0 0-6z",
        ["share"] = "M7 9.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5zM17 3.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5zM17 15.5a2.5 2.5 0 1 0 0 5a2.5 2.5 0 1 0 0-5zM9.3 10.9l5.4-3.3M9.3 13.1l5.4 3.3",
        ["person"] = "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8zM4.5 21c.6-4.2 3.6-6.5 7.5-6.5s6.9 2.3 7.5 6.5",
        ["move"] = "M3 12h17M14 6l6 6l-6 6",
        ["inbox"] = "M4 13l2.5-8h11L20 13v6H4zM4 13h5l1.2 2.5h3.6L15 13h5",
        ["lock"] = "M6 11h12v9H6zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    };

    /// <summary>The markup of one drawing, hidden from screen readers: a word always stands beside it.</summary>
    public static string Markup(string name) => $"""<svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false"><path d="{Paths[name]}"/></svg>""";
}
