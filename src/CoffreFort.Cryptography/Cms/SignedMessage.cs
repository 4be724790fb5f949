using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography.Cms;

/// <summary>SignedData with one signature, CAdES-B or, with a timestamp, CAdES-T (docs/spec/receipt.md §3). Read and not yet verified, or just made.</summary>
internal sealed record SignedMessage
{
    /// <summary>How many certificates come along at most, the signer's included.</summary>
    public const int MostCertificates = 8;

    private const int LongestCertificate = 16 * 1024;
    private const byte SetOf = 0x31;
    private const byte Implicit0 = 0xA0;

    public required string ContentType { get; init; }

    public required ReadOnlyMemory<byte> Content { get; init; }

    public required IReadOnlyList<ReadOnlyMemory<byte>> Certificates { get; init; }

    public required RecipientName Signer { get; init; }

    /// <summary>The signed attributes as a SET OF.</summary>
    public required ReadOnlyMemory<byte> SignedAttributes { get; init; }

    public required ReadOnlyMemory<byte> Signature { get; init; }

    /// <summary>A timestamp's token over the signature; empty for none.</summary>
    public ReadOnlyMemory<byte> Timestamp { get; init; }

    public static SignedMessage Sign(Seal seal, string contentType, ReadOnlyMemory<byte> content, DateTimeOffset time, ReadOnlyMemory<byte>? header = null)
    {
        var attributes = new SignedAttributes(contentType, SHA256.HashData(content.Span), time, SHA256.HashData(seal.Certificate.Span), header).Encode();
        return new SignedMessage
        {
            ContentType = contentType,
            Content = content,
            Certificates = seal.Certificates,
            Signer = seal.Name,
            SignedAttributes = attributes,
            Signature = seal.Sign(attributes),
        };
    }

    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, Content.Length + Timestamp.Length + 8 * 1024);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOid.SignedData);
            using (writer.PushSequence(StrictReading.Context0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(3);
                using (writer.PushSetOf()) writer.WriteBareAlgorithm(CmsOid.Sha256);
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(ContentType);
                    using (writer.PushSequence(StrictReading.Context0)) writer.WriteOctetString(Content.Span);
                }

                using (writer.PushSetOf(StrictReading.Context0))
                    foreach (var certificate in Certificates) writer.WriteEncodedValue(certificate.Span);
                using (writer.PushSetOf()) WriteSigner(writer);
            }
        }

        return writer.Encode();
    }

    /// <exception cref="CmsRefused">It is longer than <paramref name="longest"/>, or not of the one form.</exception>
    public static SignedMessage Read(ReadOnlyMemory<byte> message, int longest, string what)
    {
        if (message.Length > longest) throw new CmsRefused(CmsFault.TooLarge, $"This has {message.Length} bytes; {what} has at most {longest}.");
        return StrictReading.Read(message, what, outer => StrictReading.Within(outer.ReadSequence(), info =>
        {
            if (info.ReadObjectIdentifier() != CmsOid.SignedData) throw new AsnContentException();
            return StrictReading.Within(info.ReadSequence(StrictReading.Context0), content => StrictReading.Within(content.ReadSequence(), ReadData));
        }));
    }

    private void WriteSigner(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(1);
            Signer.WriteIssuerAndSerial(writer);
            writer.WriteBareAlgorithm(CmsOid.Sha256);
            var attributes = SignedAttributes.ToArray();
            attributes[0] = Implicit0;
            writer.WriteEncodedValue(attributes);
            writer.WriteBareAlgorithm(CmsOid.EcdsaWithSha256);
            writer.WriteOctetString(Signature.Span);
            if (Timestamp.IsEmpty) return;
            using (writer.PushSetOf(StrictReading.Context1))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(CmsOid.SignatureTimestamp);
                using (writer.PushSetOf()) writer.WriteEncodedValue(Timestamp.Span);
            }
        }
    }

    private static SignedMessage ReadData(AsnReader reader)
    {
        reader.Expect(3);
        StrictReading.Within(reader.ReadSetOf(), algorithms => { algorithms.ExpectBareAlgorithm(CmsOid.Sha256, "A hash other than SHA-256"); return true; });
        var (type, content) = StrictReading.Within(reader.ReadSequence(), encapsulated =>
            (encapsulated.ReadObjectIdentifier(), StrictReading.Within(encapsulated.ReadSequence(StrictReading.Context0), inner => inner.ReadOctets())));
        var certificates = ReadCertificates(reader.ReadSetOf(StrictReading.Context0));
        return StrictReading.Within(reader.ReadSetOf(), signers => StrictReading.Within(signers.ReadSequence(), signer => ReadSigner(signer, type, content, certificates)));
    }

    private static List<ReadOnlyMemory<byte>> ReadCertificates(AsnReader set)
    {
        var certificates = new List<ReadOnlyMemory<byte>>();
        while (set.HasData)
        {
            certificates.Add(set.ReadEncodedValue());
            if (certificates.Count > MostCertificates || certificates[^1].Length > LongestCertificate) throw new AsnContentException();
        }

        return certificates;
    }

    private static SignedMessage ReadSigner(AsnReader reader, string type, ReadOnlyMemory<byte> content, List<ReadOnlyMemory<byte>> certificates)
    {
        reader.Expect(1);
        var name = RecipientName.ReadIssuerAndSerial(reader);
        reader.ExpectBareAlgorithm(CmsOid.Sha256, "A hash other than SHA-256");
        var attributes = reader.ReadEncodedValue().ToArray();
        if (attributes[0] != Implicit0) throw new AsnContentException();
        attributes[0] = SetOf;
        reader.ExpectBareAlgorithm(CmsOid.EcdsaWithSha256, "A signature other than ECDSA with SHA-256");
        return new SignedMessage
        {
            ContentType = type,
            Content = content,
            Certificates = certificates,
            Signer = name,
            SignedAttributes = attributes,
            Signature = reader.ReadOctets(),
            Timestamp = reader.HasData ? StrictReading.Within(reader.ReadSetOf(StrictReading.Context1), ReadTimestamp) : default,
        };
    }

    /// <summary>Nothing else may stand outside the signature.</summary>
    private static ReadOnlyMemory<byte> ReadTimestamp(AsnReader unsigned) => StrictReading.Within(unsigned.ReadSequence(), attribute =>
    {
        if (attribute.ReadObjectIdentifier() != CmsOid.SignatureTimestamp) throw new AsnContentException();
        return StrictReading.Within(attribute.ReadSetOf(), values => values.ReadEncodedValue());
    });
}
