using System.Text.RegularExpressions;

namespace CoffreFort.Server.Web;

/// <summary>French typography: a no-break space before a colon and inside guillemets, a narrow one before the other tall marks, a curly apostrophe.</summary>
public static partial class Typography
{
    public static string French(string text)
    {
        text = text.Replace('\'', '’');
        text = BeforeColon().Replace(text, "\u00a0$1");
        text = BeforeTall().Replace(text, "\u202f$1");
        return text.Replace("« ", "«\u00a0", StringComparison.Ordinal);
    }

    [GeneratedRegex(" ([:»])", RegexOptions.CultureInvariant)]
    private static partial Regex BeforeColon();

    [GeneratedRegex(" ([;!?%])", RegexOptions.CultureInvariant)]
    private static partial Regex BeforeTall();
}
