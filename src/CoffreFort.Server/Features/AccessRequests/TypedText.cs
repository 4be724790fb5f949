using System.Globalization;
using System.Text;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>A word from one person to another: its lines are kept, what can't be seen and could mislead is not.</summary>
public static class TypedText
{
    /// <returns>Null when nothing is left.</returns>
    public static string? Clean(string? typed)
    {
        var kept = new StringBuilder();
        foreach (var rune in (typed ?? "").ReplaceLineEndings("\n").EnumerateRunes())
        {
            if (rune.Value == '\n' || IsShown(rune)) kept.Append(rune);
        }

        var clean = kept.ToString().Trim();
        return clean.Length == 0 ? null : clean;
    }

    // Format characters hold the bidirectional overrides, which can make a text read as another.
    private static bool IsShown(Rune rune) => rune != Rune.ReplacementChar && Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned);
}
