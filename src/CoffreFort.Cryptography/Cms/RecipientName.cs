using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>How a certificate is named in CMS: by issuer and serial number, or by its subject key identifier.</summary>
/// <param name="Issuer">The issuer's name (DER); empty when the key identifier names it.</param>
/// <param name="Serial">The serial number.</param>
/// <param name="KeyIdentifier">The subject key identifier; empty when issuer and serial number name it.</param>
internal sealed record RecipientName(ReadOnlyMemory<byte> Issuer, BigInteger Serial, ReadOnlyMemory<byte> KeyIdentifier)
{
    public static RecipientName Of(X509Certificate2 certificate) =>
        new(certificate.IssuerName.RawData, new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true), default);

    /// <summary>IssuerAndSerialNumber, RFC 5652 §10.2.4.</summary>
    public static RecipientName ReadIssuerAndSerial(AsnReader reader) =>
        StrictReading.Within(reader.ReadSequence(), inner => new RecipientName(inner.ReadEncodedValue(), inner.ReadInteger(), default));

    public static RecipientName ByKeyIdentifier(ReadOnlyMemory<byte> identifier) =>
        identifier.IsEmpty ? throw new AsnContentException() : new(default, default, identifier);

    public void WriteIssuerAndSerial(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteEncodedValue(Issuer.Span);
            writer.WriteInteger(Serial);
        }
    }

    public bool Names(X509Certificate2 certificate)
    {
        if (KeyIdentifier.IsEmpty)
        {
            var name = Of(certificate);
            return name.Serial == Serial && name.Issuer.Span.SequenceEqual(Issuer.Span);
        }

        return certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().FirstOrDefault() is { } extension
            && extension.SubjectKeyIdentifierBytes.Span.SequenceEqual(KeyIdentifier.Span);
    }

    public override string ToString() => KeyIdentifier.IsEmpty
        ? $"serial number {Convert.ToHexString(Serial.ToByteArray(isUnsigned: false, isBigEndian: true))}, issued by {NameOf(Issuer)}"
        : $"subject key identifier {Convert.ToHexString(KeyIdentifier.Span)}";

    private static string NameOf(ReadOnlyMemory<byte> issuer)
    {
        try
        {
            return new X500DistinguishedName(issuer.Span).Name;
        }
        catch (CryptographicException)
        {
            return "(unreadable name)";
        }
    }
}
