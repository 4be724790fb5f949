using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography.Cms;

/// <summary>What a signature is over (docs/spec/receipt.md §4): the content's type and digest, the time, the signer's certificate and, in a sealed copy, its header.</summary>
/// <param name="ContentType">The content's type.</param>
/// <param name="Digest">SHA-256 of the content.</param>
/// <param name="SigningTime">By the signer's own word.</param>
/// <param name="CertificateDigest">SHA-256 of the signer's certificate.</param>
/// <param name="Header">The sealed copy's header (DER); null in a receipt.</param>
internal sealed record SignedAttributes(
    string ContentType, ReadOnlyMemory<byte> Digest, DateTimeOffset SigningTime, ReadOnlyMemory<byte> CertificateDigest, ReadOnlyMemory<byte>? Header)
{
    private static readonly DateTimeOffset s_generalizedFrom = new(2050, 1, 1, 0, 0, 0, TimeSpan.Zero);

    /// <summary>As a SET OF: what the signature is computed over.</summary>
    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSetOf())
        {
            Write(writer, CmsOid.ContentType, () => writer.WriteObjectIdentifier(ContentType));
            Write(writer, CmsOid.MessageDigest, () => writer.WriteOctetString(Digest.Span));
            Write(writer, CmsOid.SigningTime, () => WriteTime(writer));
            Write(writer, CmsOid.SigningCertificateV2, () => WriteCertificate(writer));
            if (Header is { } header) Write(writer, CmsOid.SealedCopyHeader, () => writer.WriteEncodedValue(header.Span));
        }

        return writer.Encode();
    }

    /// <summary>Attributes that we don't know are signed too, and do no harm; one that is there twice is refused.</summary>
    public static SignedAttributes Read(AsnReader set)
    {
        var values = new Dictionary<string, ReadOnlyMemory<byte>>();
        while (set.HasData)
        {
            var (type, value) = StrictReading.Within(set.ReadSequence(), one => (one.ReadObjectIdentifier(), StrictReading.Within(one.ReadSetOf(), inner => inner.ReadEncodedValue())));
            if (!values.TryAdd(type, value)) throw new AsnContentException();
        }

        return new SignedAttributes(
            Value(values, CmsOid.ContentType, reader => reader.ReadObjectIdentifier()),
            Value(values, CmsOid.MessageDigest, reader => reader.ReadOctets()),
            Value(values, CmsOid.SigningTime, ReadTime),
            Value(values, CmsOid.SigningCertificateV2, ReadCertificate),
            values.TryGetValue(CmsOid.SealedCopyHeader, out var header) ? header : (ReadOnlyMemory<byte>?)null);
    }

    private static void Write(AsnWriter writer, string type, Action value)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(type);
            using (writer.PushSetOf()) value();
        }
    }

    private static T Value<T>(Dictionary<string, ReadOnlyMemory<byte>> values, string type, Func<AsnReader, T> read) =>
        values.TryGetValue(type, out var value) ? StrictReading.Within(new AsnReader(value, AsnEncodingRules.DER), read) : throw new AsnContentException();

    /// <summary>RFC 5652 §11.3: UTCTime until 2049.</summary>
    private void WriteTime(AsnWriter writer)
    {
        if (SigningTime < s_generalizedFrom) writer.WriteUtcTime(SigningTime);
        else writer.WriteGeneralizedTime(SigningTime, omitFractionalSeconds: true);
    }

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime(twoDigitYearMax: 2049) : reader.ReadGeneralizedTime();

    /// <summary>SigningCertificateV2 with one ESSCertIDv2 under the default hash, SHA-256 (RFC 5035 §4).</summary>
    private void WriteCertificate(AsnWriter writer)
    {
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteOctetString(CertificateDigest.Span);
    }

    /// <summary>The signer's comes first. Issuer and serial number may follow its hash, and other certificates that one: the hash alone counts.</summary>
    private static ReadOnlyMemory<byte> ReadCertificate(AsnReader reader)
    {
        var attribute = reader.ReadSequence();
        var first = attribute.ReadSequence().ReadSequence();
        // Another hash than the default one would stand before it.
        var hash = first.ReadOctets();
        return hash.Length == SHA256.HashSizeInBytes ? hash : throw new AsnContentException();
    }
}
