using System.Globalization;
using System.Text;

namespace CoffreFort.Server.Features.Documents;

/// <summary>
/// Names that people and their devices give. They are only ever shown, never used as a path; still, what could mislead a reader or
/// a program that saves the file is taken out: folders, control characters, bidirectional overrides, what Windows forbids.
/// </summary>
public static class FileNames
{
    public const int MaximumLength = 120;
    private const string Fallback = "document";
    private const string MessageEnding = ".p7m";

    public static string Clean(string? name)
    {
        var last = (name ?? "").Replace('\\', '/').Split('/')[^1];
        var kept = new StringBuilder();
        foreach (var rune in last.Normalize(NormalizationForm.FormC).EnumerateRunes())
        {
            if (IsShown(rune) && !"<>:\"|?*".Contains(rune.ToString(), StringComparison.Ordinal)) kept.Append(rune);
        }

        var clean = kept.ToString().Trim().Trim('.').Trim();
        return clean.Length == 0 ? Fallback : Shorten(clean);
    }

    /// <summary>The same, with the ending that keeps programs from opening a signed message as something else.</summary>
    public static string Clean(string? name, string mediaType)
    {
        var clean = Clean(name);
        return mediaType != MediaTypes.Message || clean.EndsWith(MessageEnding, StringComparison.OrdinalIgnoreCase) ? clean : Clean(clean + MessageEnding);
    }

    /// <summary>A title as typed, on one line, without what can't be seen.</summary>
    public static string CleanTitle(string title)
    {
        var kept = new StringBuilder();
        foreach (var rune in title.EnumerateRunes()) kept.Append(IsShown(rune) ? rune.ToString() : Rune.IsWhiteSpace(rune) ? " " : "");
        return kept.ToString().Trim();
    }

    // Format characters (Cf) hold the bidirectional overrides and the zero-width ones; U+FFFD stands for what was no valid text.
    private static bool IsShown(Rune rune) => Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or UnicodeCategory.Surrogate) && rune != Rune.ReplacementChar;

    /// <summary>Keeps the ending, which tells people what the file is.</summary>
    private static string Shorten(string name)
    {
        if (name.Length <= MaximumLength) return name;
        var ending = Path.GetExtension(name) is { Length: > 1 and <= 12 } extension ? extension : "";
        var start = new StringInfo(name).SubstringByTextElements(0);
        var cut = MaximumLength - ending.Length - 1;
        while (cut > 0 && char.IsLowSurrogate(start[cut])) cut--;
        return $"{start[..cut]}…{ending}";
    }
}
