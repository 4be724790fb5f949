using System.Text;

namespace CoffreFort.EventStore;

/// <summary>Text that PostgreSQL can store as it is: any Unicode but NUL.</summary>
internal static class StorableText
{
    private static readonly UTF8Encoding strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

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
