using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Vectors;

/// <summary>Signed messages and envelopes that are the same for ever, and each of whose parts can be made wrong before it is signed.</summary>
internal static class SeededCms
{
    /// <summary>What is made otherwise than it should be.</summary>
    public sealed record Way
    {
        public X509Certificate2 Certificate { get; init; } = SeededCertificate.Seal;

        public SeededKey Key { get; init; } = SeededCertificate.SealKey;

        public DateTimeOffset Time { get; init; } = SeededCertificate.Now;

        /// <summary>Certificates besides the seal's.</summary>
        public X509Certificate2[] Others { get; init; } = [];

        /// <summary>Before they are sorted and signed.</summary>
        public Action<DerNode>? Attributes { get; init; }

        /// <summary>What is signed, made from the attributes.</summary>
        public Func<byte[], byte[]>? Signed { get; init; }

        /// <summary>After it was signed.</summary>
        public Func<SignedMessage, SignedMessage>? Message { get; init; }

        /// <summary>Once it is encoded: the SignedData.</summary>
        public Action<DerNode>? Data { get; init; }
    }

    public static byte[] Sign(string type, byte[] content, byte[]? header = null, Way? way = null)
    {
        way ??= new Way();
        var attributes = new SignedAttributes(
            type, SHA256.HashData(content), way.Time, SHA256.HashData(way.Certificate.RawData), header is null ? null : (ReadOnlyMemory<byte>?)header).Encode();
        if (way.Attributes is not null)
        {
            var set = DerNode.Parse(attributes);
            way.Attributes(set);
            set.Sort();
            attributes = set.Encode();
        }

        var message = new SignedMessage
        {
            ContentType = type,
            Content = content,
            Certificates = [way.Certificate.RawData, .. way.Others.Select(other => (ReadOnlyMemory<byte>)other.RawData)],
            Signer = RecipientName.Of(way.Certificate),
            SignedAttributes = attributes,
            Signature = way.Key.Sign(way.Signed?.Invoke(attributes) ?? attributes),
        };
        var encoded = (way.Message?.Invoke(message) ?? message).Encode();
        if (way.Data is null) return encoded;
        var whole = DerNode.Parse(encoded);
        way.Data(whole[1][0]);
        return whole.Encode();
    }

    /// <param name="content">What is encrypted.</param>
    /// <param name="recipient">For whom.</param>
    /// <param name="label">Draws key, nonce and ephemeral key.</param>
    /// <param name="keyLength">Of the content key.</param>
    public static Envelope Seal(byte[] content, SeededRecipient recipient, string label, int keyLength = 32)
    {
        var (key, nonce) = (Seeded.Bytes(label + " key", keyLength), Seeded.Bytes(label + " nonce", 12));
        var (ciphertext, tag) = (new byte[content.Length], new byte[16]);
        using var cipher = new AesGcm(key, 16);
        cipher.Encrypt(nonce, content, ciphertext, tag);
        return new Envelope(Encrypt(key, recipient, label), nonce, ciphertext, tag);
    }

    private static EncryptedKey Encrypt(byte[] key, SeededRecipient recipient, string label)
    {
        var name = RecipientName.Of(recipient.Certificate);
        using var rsa = recipient.Certificate.GetRSAPublicKey();
        if (rsa is not null) return new EncryptedKey(name, default, Oaep(key, rsa.ExportParameters(includePrivateParameters: false), label));
        var curve = EllipticKey.CurveOf(recipient.Certificate.PublicKey)!;
        using var ephemeral = new SeededKey(label + " ephemeral", p384: curve == CmsOid.P384).Agreement;
        using var theirs = EllipticKey.Decode(curve, recipient.Certificate.PublicKey.EncodedKeyValue.RawData)!;
        return new EncryptedKey(
            name, EllipticKey.Encode(ephemeral.ExportParameters(includePrivateParameters: false).Q), AesKeyWrap.Wrap(EllipticKey.Agree(ephemeral, theirs), key));
    }

    /// <summary>RFC 8017 §7.1.1 with SHA-256, no label, and a seed that is not random.</summary>
    private static byte[] Oaep(byte[] message, RSAParameters key, string label)
    {
        var length = key.Modulus!.Length;
        byte[] block = [.. SHA256.HashData([]), .. new byte[length - message.Length - 66], 1, .. message];
        var seed = Seeded.Bytes(label + " seed", 32);
        var masked = Xor(block, Mask(seed, block.Length));
        byte[] encoded = [0, .. Xor(seed, Mask(masked, 32)), .. masked];
        var power = BigInteger.ModPow(new(encoded, true, true), new(key.Exponent, true, true), new(key.Modulus, true, true)).ToByteArray(true, true);
        return [.. new byte[length - power.Length], .. power];
    }

    private static byte[] Mask(byte[] seed, int length) =>
        [.. Enumerable.Range(0, (length + 31) / 32).SelectMany(counter => SHA256.HashData([.. seed, 0, 0, 0, (byte)counter])).Take(length)];

    private static byte[] Xor(byte[] left, byte[] right) => [.. left.Zip(right, (one, other) => (byte)(one ^ other))];
}
