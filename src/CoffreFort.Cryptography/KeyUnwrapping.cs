using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>AES key unwrap with padding (RFC 5649 §4.2, over W⁻¹ of RFC 3394 §2.2.2). All members are thread safe.</summary>
/// <remarks>
/// The platform has it too, and wraps for us; its unwrapping makes a cipher afresh for each block, which was a sixth of what a server spent on reading a small
/// document (docs/performance.md). This one makes one for a key. Each of the two is checked against the other, and both against public vectors.
/// </remarks>
internal static class KeyUnwrapping
{
    private const int Half = 8;
    private const int Rounds = 6;

    // Of RFC 5649 §3; behind it stands the length of what was wrapped.
    private const uint InitialValue = 0xA65959A6;

    /// <param name="wrappingKey">16, 24 or 32 bytes; clearing it is the caller's business.</param>
    /// <param name="wrapped">At least 16 bytes, a multiple of 8.</param>
    /// <exception cref="CryptographicFailure">It was not wrapped with this key; which of the checks failed is not told.</exception>
    internal static SecretKey Unwrap(byte[] wrappingKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 2 * Half || wrapped.Length % Half != 0)
            throw new CryptographicFailure();
        Span<byte> unwrapped = stackalloc byte[wrapped.Length - Half];
        try
        {
            var length = Length(Invert(wrappingKey, wrapped, unwrapped), unwrapped);
            return length > 0 ? SecretKey.CopyOf(unwrapped[..length]) : throw new CryptographicFailure();
        }
        finally
        {
            CryptographicOperations.ZeroMemory(unwrapped);
        }
    }

    /// <returns>The first half block, which says whether and how long.</returns>
    private static ulong Invert(byte[] wrappingKey, ReadOnlySpan<byte> wrapped, Span<byte> unwrapped)
    {
        using var aes = Aes.Create();
        (aes.Mode, aes.Padding) = (CipherMode.ECB, PaddingMode.None);
        using var cipher = aes.CreateDecryptor(wrappingKey, null);
        var block = GC.AllocateUninitializedArray<byte>(2 * Half, pinned: true);
        try
        {
            var first = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
            wrapped[Half..].CopyTo(unwrapped);
            var count = unwrapped.Length / Half;
            // One half block alone is not mixed with others: the cipher once, no counter.
            for (var step = count == 1 ? 1 : Rounds * count; step > 0; step--)
            {
                var half = unwrapped.Slice((step - 1) % count * Half, Half);
                BinaryPrimitives.WriteUInt64BigEndian(block, count == 1 ? first : first ^ (ulong)step);
                half.CopyTo(block.AsSpan(Half));
                cipher.TransformBlock(block, 0, block.Length, block, 0);
                first = BinaryPrimitives.ReadUInt64BigEndian(block);
                block.AsSpan(Half).CopyTo(half);
            }

            return first;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(block);
        }
    }

    /// <summary>How long what was wrapped is, or 0: all that there is to check is checked, whatever was found wrong before.</summary>
    private static int Length(ulong first, ReadOnlySpan<byte> unwrapped)
    {
        var length = (uint)(first & uint.MaxValue);
        var wrong = (uint)(first >> 32) ^ InitialValue;
        var padding = unwrapped.Length - (long)length;
        wrong |= padding is >= 0 and < Half ? 0u : 1;
        for (var back = 1; back < Half; back++)
            wrong |= back <= padding ? unwrapped[^back] : 0u;
        return wrong == 0 ? (int)length : 0;
    }
}
