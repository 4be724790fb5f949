using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>AES key wrap with padding (RFC 5649 §4, over W and W⁻¹ of RFC 3394 §2.2). All members are thread safe.</summary>
/// <remarks>
/// The platform has it too, but makes a cipher afresh for each block, which was a sixth of what a server spent on reading a small document
/// (docs/performance.md); this makes one a key. The specs hold it against the platform's, and against public vectors.
/// </remarks>
internal static class PaddedKeyWrap
{
    private const int Half = 8;
    private const int Rounds = 6;

    // Of RFC 5649 §3; behind it stands the length of what is wrapped.
    private const ulong InitialValue = 0xA65959A6;

    /// <param name="wrappingKey">16, 24 or 32 bytes; clearing it is the caller's business.</param>
    /// <param name="key">What is wrapped: a key, at least one byte and at most some hundreds.</param>
    /// <returns>A half block more than the key, padded to half blocks.</returns>
    internal static byte[] Wrap(byte[] wrappingKey, ReadOnlySpan<byte> key)
    {
        // Mixed where nothing is moved about: until the last step it still holds some of the key.
        Span<byte> wrapped = stackalloc byte[Half + (key.Length + Half - 1) / Half * Half];
        wrapped.Clear();
        key.CopyTo(wrapped[Half..]);
        BinaryPrimitives.WriteUInt64BigEndian(wrapped, Mix(wrappingKey, (InitialValue << 32) | (uint)key.Length, wrapped[Half..], encrypt: true));
        return wrapped.ToArray();
    }

    /// <param name="wrappingKey">16, 24 or 32 bytes; clearing it is the caller's business.</param>
    /// <param name="wrapped">At least 16 bytes, a multiple of 8.</param>
    /// <exception cref="CryptographicFailure">It was not wrapped with this key; which of the checks failed is not told.</exception>
    internal static SecretKey Unwrap(byte[] wrappingKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 2 * Half || wrapped.Length % Half != 0)
            throw new CryptographicFailure();
        Span<byte> key = stackalloc byte[wrapped.Length - Half];
        try
        {
            wrapped[Half..].CopyTo(key);
            var length = Length(Mix(wrappingKey, BinaryPrimitives.ReadUInt64BigEndian(wrapped), key, encrypt: false), key);
            return length > 0 ? SecretKey.CopyOf(key[..length]) : throw new CryptographicFailure();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    /// <summary>W over the half blocks in place, or its inverse; takes the first half block and gives what became of it.</summary>
    private static ulong Mix(byte[] wrappingKey, ulong first, Span<byte> halves, bool encrypt)
    {
        using var aes = Aes.Create();
        (aes.Mode, aes.Padding) = (CipherMode.ECB, PaddingMode.None);
        using var cipher = encrypt ? aes.CreateEncryptor(wrappingKey, null) : aes.CreateDecryptor(wrappingKey, null);
        // Pinned, as a SecretKey is: clearing it leaves no copy.
        var block = GC.AllocateUninitializedArray<byte>(2 * Half, pinned: true);
        var count = halves.Length / Half;
        // One half block has no others to be mixed with: the cipher once, and no counter.
        var steps = count == 1 ? 1 : Rounds * count;
        for (var done = 0; done < steps; done++)
        {
            var step = encrypt ? done + 1 : steps - done;
            var counter = count == 1 ? 0 : (ulong)step;
            var half = halves.Slice((step - 1) % count * Half, Half);
            BinaryPrimitives.WriteUInt64BigEndian(block, encrypt ? first : first ^ counter);
            half.CopyTo(block.AsSpan(Half));
            cipher.TransformBlock(block, 0, block.Length, block, 0);
            first = BinaryPrimitives.ReadUInt64BigEndian(block) ^ (encrypt ? counter : 0);
            block.AsSpan(Half).CopyTo(half);
        }

        CryptographicOperations.ZeroMemory(block);
        return first;
    }

    /// <summary>How long what was wrapped is, or 0: all that there is to check is checked, whatever was found wrong before.</summary>
    private static int Length(ulong first, ReadOnlySpan<byte> key)
    {
        var length = (uint)(first & uint.MaxValue);
        var wrong = (first >> 32) ^ InitialValue;
        var padding = key.Length - (long)length;
        wrong |= padding is >= 0 and < Half ? 0u : 1;
        for (var back = 1; back < Half; back++)
            wrong |= back <= padding ? key[^back] : 0u;
        return wrong == 0 ? (int)length : 0;
    }
}
