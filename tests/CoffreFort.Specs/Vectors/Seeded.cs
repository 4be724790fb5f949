using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Vectors;

/// <summary>Bytes that look random and are the same for ever: the vectors' keys, nonces and plaintexts.</summary>
internal static class Seeded
{
    /// <summary>SHA-256 over a label and a counter.</summary>
    public static byte[] Bytes(string label, int length)
    {
        var bytes = new byte[length];
        byte[] message = [.. Encoding.UTF8.GetBytes(label), 0, 0, 0, 0, 0];
        for (var at = 0; at < length; at += 32)
        {
            BinaryPrimitives.WriteInt32BigEndian(message.AsSpan(^4), at / 32);
            SHA256.HashData(message).AsSpan(0, Math.Min(32, length - at)).CopyTo(bytes.AsSpan(at));
        }

        return bytes;
    }

    public static SecretKey Key(string label) => SecretKey.CopyOf(Bytes(label, 32));

    /// <summary>A version 7 id, as everywhere here.</summary>
    public static Guid Id(string label)
    {
        var bytes = Bytes(label, 16);
        (bytes[6], bytes[8]) = ((byte)(0x70 | bytes[6] & 0x0F), (byte)(0x80 | bytes[8] & 0x3F));
        return new Guid(bytes, bigEndian: true);
    }

    public static string Hex(ReadOnlySpan<byte> bytes) => Convert.ToHexStringLower(bytes);

    /// <summary>The same with one bit changed; from the end when the place is negative.</summary>
    public static byte[] Flip(this byte[] bytes, int at, byte mask = 1)
    {
        var flipped = bytes.ToArray();
        flipped[at < 0 ? bytes.Length + at : at] ^= mask;
        return flipped;
    }
}
