using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>Verifies a signed message (docs/spec/receipt.md §5): attributes, signature, timestamp, and whether the signer is trusted.</summary>
internal static class SignedVerification
{
    /// <summary>The evidence, and the sealed copy's header if there is one.</summary>
    /// <exception cref="CmsRefused">Something is wrong with it.</exception>
    public static (SealEvidence Evidence, ReadOnlyMemory<byte>? Header) Verify(SignedMessage message, SealTrust trust, DateTimeOffset at)
    {
        var attributes = StrictReading.Read(message.SignedAttributes, "a signature", reader => SignedAttributes.Read(reader.ReadSetOf()));
        var encoded = message.Certificates.FirstOrDefault(certificate => SHA256.HashData(certificate.Span).AsSpan().SequenceEqual(attributes.CertificateDigest.Span));
        if (encoded.IsEmpty) throw Wrong("the certificate that was signed does not come along");
        using var certificate = SignerCertificate.Load(encoded);
        if (!message.Signer.Names(certificate)) throw Wrong("it names another certificate than the signed one");
        if (attributes.ContentType != message.ContentType) throw Wrong("it is over another kind of content");
        if (!attributes.Digest.Span.SequenceEqual(SHA256.HashData(message.Content.Span))) throw Wrong("it is over other content");
        if (!Holds(certificate.PublicKey, message.SignedAttributes.Span, message.Signature)) throw Wrong("it does not verify");
        var timestamp = CheckTimestamp(message, attributes.SigningTime, trust.Timestamps);
        SignerCertificate.CheckTrust(certificate, message.Certificates, trust, timestamp?.Time ?? at);
        var fingerprint = Convert.ToHexStringLower(attributes.CertificateDigest.Span);
        return (new SealEvidence(certificate.Subject, fingerprint, attributes.SigningTime, !message.Timestamp.IsEmpty, timestamp), attributes.Header);
    }

    /// <summary>The bare verification, apart so that public vectors reach it.</summary>
    internal static bool Holds(PublicKey publicKey, ReadOnlySpan<byte> data, ReadOnlyMemory<byte> signature)
    {
        using var key = publicKey.GetECDsaPublicKey()!;
        return StrictReading.Read(signature, "a signature", IsSignature)
            && key.VerifyData(data, signature.Span, HashAlgorithmName.SHA256, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>In DER, so that a signature has no second form.</summary>
    private static bool IsSignature(AsnReader reader) => StrictReading.Within(reader.ReadSequence(), pair => pair.ReadInteger().Sign > 0 && pair.ReadInteger().Sign > 0);

    private static Timestamp? CheckTimestamp(SignedMessage message, DateTimeOffset signed, TimestampTrust? trust)
    {
        if (message.Timestamp.IsEmpty) return null;
        try
        {
            if (trust is null)
            {
                _ = TimestampVerification.VerifyInItself(message.Timestamp, message.Signature.Span);
                return null;
            }

            var timestamp = TimestampVerification.Verify(message.Timestamp, message.Signature.Span, trust);
            return timestamp.Time >= signed - trust.Tolerance
                ? timestamp
                : throw new CmsRefused(CmsFault.Timestamp, $"The timestamp states {timestamp.Time:O}, before the signing time, {signed:O}.");
        }
        catch (TimestampRefused refusal)
        {
            throw new CmsRefused(CmsFault.Timestamp, $"The timestamp over the signature: {refusal.Message}");
        }
    }

    private static CmsRefused Wrong(string why) => new(CmsFault.Signature, $"The signature is not good: {why}.");
}
