using System.Globalization;
using System.Text;

namespace CoffreFort.Cryptography.Cms;

internal static class VisibleText
{
    /// <summary>No half of a character, none that is not seen and none that has no meaning.</summary>
    public static bool IsVisible(this string text)
    {
        foreach (var rune in text.EnumerateRunes())
        {
            if (rune == Rune.ReplacementChar) return false;
            if (Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.LineSeparator
                or UnicodeCategory.ParagraphSeparator or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned) return false;
        }

        return true;
    }
}
