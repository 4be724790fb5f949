using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>The Expand step of HKDF (RFC 5869 §2.3) for keys that are uniformly random already.</summary>
internal static class HkdfExpand
{
    /// <summary>Fills <paramref name="output"/>; the key must have at least 32 bytes.</summary>
    public static void Sha256(ReadOnlySpan<byte> key, ReadOnlySpan<byte> info, Span<byte> output) =>
        HKDF.Expand(HashAlgorithmName.SHA256, key, output, info);

    /// <summary>
    /// Fills <paramref name="output"/>, at most 255 × 64 bytes. Written out because the platform's Expand refuses a key shorter
    /// than the hash, and the container derives from 32 bytes with SHA-512.
    /// </summary>
    public static void Sha512(ReadOnlySpan<byte> key, ReadOnlySpan<byte> info, Span<byte> output)
    {
        const int hashLength = HMACSHA512.HashSizeInBytes;
        ArgumentOutOfRangeException.ThrowIfGreaterThan(output.Length, 255 * hashLength, nameof(output));

        // T(n) = HMAC(key, T(n-1) ‖ info ‖ n), with T(0) empty; the buffer holds that message.
        var message = new byte[hashLength + info.Length + 1];
        Span<byte> block = stackalloc byte[hashLength];
        info.CopyTo(message.AsSpan(hashLength));
        for (var counter = 1; !output.IsEmpty; counter++)
        {
            message[^1] = (byte)counter;
            HMACSHA512.HashData(key, message.AsSpan(counter == 1 ? hashLength : 0), block);
            block.CopyTo(message);
            var taken = Math.Min(hashLength, output.Length);
            block[..taken].CopyTo(output);
            output = output[taken..];
        }
        CryptographicOperations.ZeroMemory(message);
        CryptographicOperations.ZeroMemory(block);
    }
}
