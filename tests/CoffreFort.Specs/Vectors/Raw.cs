using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CoffreFort.Specs.Vectors;

/// <summary>The container once more, from the primitives alone, in the order of docs/spec/container.md; and in ways that it must not be.</summary>
internal static class Raw
{
    public sealed record Way
    {
        public string Label { get; init; } = "c2sp.org/chunked-encryption@v1+AEAD_AES_256_GCM";

        public HashAlgorithmName Hash { get; init; } = HashAlgorithmName.SHA512;

        public bool NoSeparator { get; init; }

        public bool AssociatedData { get; init; }

        public int First { get; init; }

        public bool CounterInFront { get; init; }

        public bool ConstantNonce { get; init; }

        public bool NoEmptyLast { get; init; }

        public int Chunk { get; init; } = 16384;

        /// <summary>The length of the first chunk, when it is another one.</summary>
        public int? FirstChunk { get; init; }
    }

    public static byte[] Seal(byte[] plaintext, byte[] key, byte[] context, Way? way = null)
    {
        way ??= new Way();
        var salt = Seeded.Bytes("salt", 24);
        byte[] info = [.. Encoding.ASCII.GetBytes(way.Label), .. way.NoSeparator ? [] : new byte[1], .. salt, .. context];
        var material = Expand(way.Hash, key, info, 76);
        using var cipher = new AesGcm(material[..32], 16);
        List<byte> container = [.. salt, .. material[44..76]];
        var rest = plaintext.AsSpan();
        for (long index = 0; ; index++)
        {
            var length = Math.Min(index == 0 ? way.FirstChunk ?? way.Chunk : way.Chunk, rest.Length);
            if (length == 0 && way.NoEmptyLast) break;
            var (ciphertext, tag) = (new byte[length], new byte[16]);
            cipher.Encrypt(Nonce(material[32..44], index + way.First, way), rest[..length], ciphertext, tag, way.AssociatedData ? BitConverter.GetBytes(index) : null);
            container.AddRange(ciphertext);
            container.AddRange(tag);
            rest = rest[length..];
            if (length < way.Chunk && rest.IsEmpty) break;
        }

        return [.. container];
    }

    private static byte[] Nonce(byte[] nonce, long index, Way way)
    {
        if (way.ConstantNonce) return nonce;
        var counter = nonce.AsSpan(way.CounterInFront ? 0 : 4, 8);
        BinaryPrimitives.WriteUInt64BigEndian(counter, BinaryPrimitives.ReadUInt64BigEndian(counter) ^ (ulong)index);
        return nonce;
    }

    /// <summary>RFC 5869 §2.3, written out: the platform refuses a key that is shorter than the hash.</summary>
    private static byte[] Expand(HashAlgorithmName hash, byte[] key, byte[] info, int length)
    {
        List<byte> output = [];
        byte[] block = [];
        for (byte counter = 1; output.Count < length; counter++)
        {
            byte[] message = [.. block, .. info, counter];
            block = hash == HashAlgorithmName.SHA512 ? HMACSHA512.HashData(key, message) : HMACSHA256.HashData(key, message);
            output.AddRange(block);
        }

        return [.. output.Take(length)];
    }
}
