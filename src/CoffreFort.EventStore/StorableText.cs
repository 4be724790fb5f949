using System.Text;

namespace CoffreFort.EventStore;

/// <summary>Text that PostgreSQL can store as it is: any Unicode but NUL.</summary>
internal static class StorableText
{
    private static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Refuses a JSON text with an escaped NUL: PostgreSQL would keep it as json, and then fail at every reading of that member.</summary>
    /// <exception cref="ArgumentException">It has one.</exception>
    public static void RequireJson(ReadOnlySpan<byte> json, string parameter)
    {
        for (var from = 0; json[from..].IndexOf("\\u0000"u8) is var at and >= 0; from += at + 1)
        {
            // Behind an odd number of backslashes it is a backslash and the letters u0000.
            var before = 0;
            while (from + at - before > 0 && json[from + at - before - 1] == (byte)'\\') before++;
            if (before % 2 == 0) throw new ArgumentException("The text has a NUL character.", parameter);
        }
    }

    /// <exception cref="ArgumentException"><paramref name="text"/> has a NUL character or half a surrogate pair.</exception>
    public static void Require(string? text, string parameter)
    {
        if (text is null) return;
        if (text.Contains('\0', StringComparison.Ordinal)) throw new ArgumentException("The text has a NUL character.", parameter);
        try
        {
            strict.GetByteCount(text);
        }
        catch (EncoderFallbackException failure)
        {
            throw new ArgumentException("The text has half a surrogate pair.", parameter, failure);
        }
    }
}
