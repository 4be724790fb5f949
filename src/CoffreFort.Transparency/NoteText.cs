using System.Diagnostics.CodeAnalysis;
using System.Text;
using System.Text.Unicode;

namespace CoffreFort.Transparency;

/// <summary>The few rules that the lines of signed notes, verifier keys and checkpoints share.</summary>
internal static class NoteText
{
    /// <summary>UTF-8 without a control character below U+0020 other than the line feed.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (!Utf8.IsValid(bytes)) return false;
        foreach (byte value in bytes)
            if (value < 0x20 && value != (byte)'\n') return false;
        text = Encoding.UTF8.GetString(bytes);
        return true;
    }

    public static byte[] Encode(string text) => Encoding.UTF8.GetBytes(text);

    /// <summary>Whether a text has a UTF-8 form: no half of a surrogate pair in it.</summary>
    public static bool IsWhole(string text)
    {
        for (int i = 0; i < text.Length; i++)
            if (char.IsSurrogate(text[i]) && (i + 1 == text.Length || !char.IsSurrogatePair(text, i++))) return false;
        return true;
    }

    /// <summary>A key name: not empty, no Unicode space, no plus sign, no control character.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && IsWhole(name) && !name.Any(character => char.IsWhiteSpace(character) || character is '+' or < ' ');

    /// <summary>Standard base 64 in its one canonical form: no spaces, full padding, no stray bits in the last digit.</summary>
    public static byte[]? FromBase64(string text)
    {
        var bytes = new byte[text.Length / 4 * 3];
        return text.Length % 4 == 0 && Convert.TryFromBase64String(text, bytes, out int length) && Convert.ToBase64String(bytes, 0, length) == text ? bytes[..length] : null;
    }

    /// <summary>A number from 0 to 2^63 - 1 as ASCII digits without a superfluous zero; otherwise -1.</summary>
    public static long FromDecimal(ReadOnlySpan<char> text)
    {
        if (text.Length is 0 or > 19 || (text[0] == '0' && text.Length > 1)) return -1;
        ulong value = 0;
        foreach (char digit in text)
        {
            if (!char.IsAsciiDigit(digit)) return -1;
            value = value * 10 + (ulong)(digit - '0');
        }

        return value <= long.MaxValue ? (long)value : -1;
    }
}
