using System.Buffers.Binary;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography.Cms;

/// <summary>AES key wrap without padding (RFC 3394), which the platform does not have and RFC 5753 wants; everything else wraps with <see cref="KeyWrapping"/>.</summary>
internal static class AesKeyWrap
{
    private const int Block = 8;
    private const ulong InitialValue = 0xA6A6A6A6A6A6A6A6;

    /// <summary>RFC 3394 §2.2.1, the form with an index; the key has at least 16 bytes, in blocks of 8.</summary>
    public static byte[] Wrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> key)
    {
        if (key.Length < 2 * Block || key.Length % Block != 0) throw new ArgumentException("RFC 3394 wraps two or more blocks of 8 bytes.", nameof(key));
        using var aes = Aes.Create();
        aes.SetKey(wrappingKey);
        var wrapped = new byte[Block + key.Length];
        key.CopyTo(wrapped.AsSpan(Block));
        Span<byte> block = stackalloc byte[2 * Block];
        BinaryPrimitives.WriteUInt64BigEndian(block, InitialValue);
        for (ulong t = 1, n = (ulong)key.Length / Block; t <= 6 * n; t++)
        {
            var r = wrapped.AsSpan(Block * (1 + (int)((t - 1) % n)), Block);
            r.CopyTo(block[Block..]);
            aes.EncryptEcb(block, block, PaddingMode.None);
            block[Block..].CopyTo(r);
            BinaryPrimitives.WriteUInt64BigEndian(block, BinaryPrimitives.ReadUInt64BigEndian(block) ^ t);
        }

        block[..Block].CopyTo(wrapped);
        CryptographicOperations.ZeroMemory(block);
        return wrapped;
    }

    /// <summary>RFC 3394 §2.2.2. Null when it was not wrapped under this key: nothing of what came out then is released.</summary>
    public static SecretKey? Unwrap(ReadOnlySpan<byte> wrappingKey, ReadOnlySpan<byte> wrapped)
    {
        if (wrapped.Length < 3 * Block || wrapped.Length % Block != 0) return null;
        using var aes = Aes.Create();
        aes.SetKey(wrappingKey);
        var key = wrapped[Block..].ToArray();
        Span<byte> block = stackalloc byte[2 * Block];
        wrapped[..Block].CopyTo(block);
        for (ulong n = (ulong)key.Length / Block, t = 6 * n; t > 0; t--)
        {
            var r = key.AsSpan(Block * (int)((t - 1) % n), Block);
            BinaryPrimitives.WriteUInt64BigEndian(block, BinaryPrimitives.ReadUInt64BigEndian(block) ^ t);
            r.CopyTo(block[Block..]);
            aes.DecryptEcb(block, block, PaddingMode.None);
            block[Block..].CopyTo(r);
        }

        var holds = BinaryPrimitives.ReadUInt64BigEndian(block) == InitialValue;
        var unwrapped = holds ? SecretKey.CopyOf(key) : null;
        CryptographicOperations.ZeroMemory(block);
        CryptographicOperations.ZeroMemory(key);
        return unwrapped;
    }
}
