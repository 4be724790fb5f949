using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Specs.Vectors;

/// <summary>RFC 3161 tokens that are the same for ever.</summary>
internal static class SeededStamp
{
    public const string Policy = "1.3.6.1.4.1.99999.1";

    private const string TokenInfo = "1.2.840.113549.1.9.16.1.4", SigningCertificate = "1.2.840.113549.1.9.16.2.47", Sha256 = "2.16.840.1.101.3.4.2.1";

    public sealed record Way
    {
        public string Policy { get; init; } = SeededStamp.Policy;

        public DateTimeOffset Time { get; init; } = SeededCertificate.Now;

        public X509Certificate2 Certificate { get; init; } = Authority();

        public SeededKey Key { get; init; } = SeededCertificate.StampKey;

        public string Hash { get; init; } = Sha256;

        /// <summary>Names its signer's certificate.</summary>
        public bool NamesCertificate { get; init; } = true;

        public bool HoldsCertificate { get; init; } = true;

        /// <summary>What it names as its signer's certificate.</summary>
        public X509Certificate2? Named { get; init; }

        /// <summary>Certificates that come along with the signer's.</summary>
        public X509Certificate2[] Others { get; init; } = [];

        public ReadOnlyMemory<byte>? Nonce { get; init; }
    }

    public static X509Certificate2 Authority(bool critical = true, string[]? usages = null, DateTimeOffset? from = null, DateTimeOffset? until = null, SeededKey? signer = null) => SeededCertificate.Make(
        "CN=Vectors timestamps", SeededCertificate.Of(SeededCertificate.StampKey), SeededCertificate.Authority,
        [
            .. SeededCertificate.Extensions(X509KeyUsageFlags.DigitalSignature),
            .. usages is [] ? Array.Empty<X509Extension>() : [new X509EnhancedKeyUsageExtension([.. (usages ?? ["1.3.6.1.5.5.7.3.8"]).Select(usage => new Oid(usage))], critical)],
        ], from, until, signer);

    public static byte[] Token(byte[] data, Way? way = null)
    {
        way ??= new Way();
        var digest = way.Hash == Sha256 ? SHA256.HashData(data) : SHA512.HashData(data);
        var info = new Rfc3161TimestampTokenInfo(new Oid(way.Policy), new Oid(way.Hash), digest, new byte[] { 7 }, way.Time, nonce: way.Nonce).Encode();
        var attributes = Attributes(info, way);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier("1.2.840.113549.1.7.2");
            using (writer.PushSequence(Context(0)))
            using (writer.PushSequence())
            {
                writer.WriteInteger(3);
                using (writer.PushSetOf()) WriteAlgorithm(writer, Sha256);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(TokenInfo);
                    using (writer.PushSequence(Context(0))) writer.WriteOctetString(info);
                }

                if (way.HoldsCertificate)
                    using (writer.PushSetOf(Context(0)))
                        foreach (var certificate in (X509Certificate2[])[way.Certificate, .. way.Others]) writer.WriteEncodedValue(certificate.RawData);
                using (writer.PushSetOf()) WriteSigner(writer, attributes, way);
            }
        }

        return writer.Encode();
    }

    private static void WriteSigner(AsnWriter writer, byte[] attributes, Way way)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            using (writer.PushSequence())
            {
                writer.WriteEncodedValue(way.Certificate.IssuerName.RawData);
                writer.WriteInteger(way.Certificate.SerialNumberBytes.Span);
            }

            WriteAlgorithm(writer, Sha256);
            writer.WriteEncodedValue([0xA0, .. attributes[1..]]);
            WriteAlgorithm(writer, "1.2.840.10045.4.3.2");
            writer.WriteOctetString(way.Key.Sign(attributes));
        }
    }

    private static byte[] Attributes(byte[] info, Way way)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSetOf())
        {
            WriteAttribute(writer, "1.2.840.113549.1.9.3", () => writer.WriteObjectIdentifier(TokenInfo));
            WriteAttribute(writer, "1.2.840.113549.1.9.4", () => writer.WriteOctetString(SHA256.HashData(info)));
            if (way.NamesCertificate)
                WriteAttribute(writer, SigningCertificate, () =>
                {
                    using (writer.PushSequence())
                    using (writer.PushSequence())
                    using (writer.PushSequence())
                        writer.WriteOctetString(SHA256.HashData((way.Named ?? way.Certificate).RawData));
                });
        }

        return writer.Encode();
    }

    private static void WriteAttribute(AsnWriter writer, string type, Action value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            using (writer.PushSetOf()) value();
        }
    }

    private static void WriteAlgorithm(AsnWriter writer, string oid)
    {
        using (writer.PushSequence()) writer.WriteObjectIdentifier(oid);
    }

    private static Asn1Tag Context(int number) => new(TagClass.ContextSpecific, number);
}
