using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>What a seal's certificate must be (docs/spec/receipt.md §2).</summary>
internal static class SignerCertificate
{
    private const X509KeyUsageFlags Signing = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;

    public static bool IsForSigning(X509Certificate2 certificate) =>
        certificate.PublicKey.Oid.Value == CmsOid.EcPublicKey && EllipticKey.CurveOf(certificate.PublicKey) == CmsOid.P256
        && certificate.Extensions.OfType<X509KeyUsageExtension>().All(extension => (extension.KeyUsages & Signing) != 0);

    /// <exception cref="CmsRefused">It is none, or not one for signing.</exception>
    public static X509Certificate2 Load(ReadOnlyMemory<byte> encoded)
    {
        try
        {
            var certificate = X509CertificateLoader.LoadCertificate(encoded.Span);
            if (IsForSigning(certificate)) return certificate;
            certificate.Dispose();
        }
        catch (CryptographicException)
        {
            throw new CmsRefused(CmsFault.Signature, "The signer's certificate can't be read.");
        }

        throw new CmsRefused(CmsFault.Untrusted, "The signer's certificate is not for signatures with a P-256 key.");
    }

    /// <exception cref="CmsRefused">It does not lead to an anchor, or was not valid then.</exception>
    public static void CheckTrust(X509Certificate2 certificate, IEnumerable<ReadOnlyMemory<byte>> others, SealTrust trust, DateTimeOffset at)
    {
        X509Certificate2Collection loaded = [];
        try
        {
            foreach (var other in others) loaded.Add(X509CertificateLoader.LoadCertificate(other.Span));
            if (Anchoring.Leads(certificate, loaded, trust.Anchors, at, out var status)) return;
            throw (status & ~X509ChainStatusFlags.NotTimeValid) == 0
                ? new CmsRefused(CmsFault.SignerExpired, $"The certificate of the seal ({certificate.Subject}) was not valid at {at:O}.")
                : new CmsRefused(CmsFault.Untrusted, $"The certificate of the seal ({certificate.Subject}) does not lead to one that is trusted: {status}.");
        }
        catch (CryptographicException)
        {
            throw StrictReading.Unreadable("a certificate");
        }
        finally
        {
            foreach (var one in loaded) one.Dispose();
        }
    }
}
