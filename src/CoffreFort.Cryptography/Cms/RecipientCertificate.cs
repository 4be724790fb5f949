using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>A certificate that something may be sealed for: whoever holds one has checked it (docs/spec/sealed-copy.md §2).</summary>
/// <remarks>
/// Immutable; may be used from several threads. Revocation is asked for with a <see cref="RecipientTrust"/>, and not with bare anchors. The certificate
/// stays the caller's, and must live as long as this does.
/// </remarks>
public sealed class RecipientCertificate
{
    /// <summary>The shortest RSA key, in bits.</summary>
    public const int ShortestRsaKey = 3072;

    /// <summary>The longest RSA key, in bits: more costs the recipient time and gives nothing.</summary>
    public const int LongestRsaKey = 8192;

    private const string AnyUsage = "2.5.29.37.0";
    private const string EmailProtection = "1.3.6.1.5.5.7.3.4";
    private const string DocumentEncryption = "1.3.6.1.4.1.311.80.1";

    private RecipientCertificate(X509Certificate2 certificate) => Certificate = certificate;

    /// <summary>The certificate.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>SHA-256 of the certificate (DER), lower-case hex: what an enrolment and a holder's page name it by.</summary>
    public string Fingerprint => Convert.ToHexStringLower(SHA256.HashData(Certificate.RawData));

    /// <summary>Checks key, curve, validity, usage and, with anchors, the chain.</summary>
    /// <param name="certificate">The recipient's certificate.</param>
    /// <param name="at">When it is to be used.</param>
    /// <param name="anchors">What it must lead to, itself included; null when somebody has already decided that it is the recipient's.</param>
    /// <exception cref="RecipientRefused">Nothing may be sealed for it.</exception>
    public static RecipientCertificate Check(X509Certificate2 certificate, DateTimeOffset at, X509Certificate2Collection? anchors = null)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        try
        {
            var usage = CheckKey(certificate);
            CheckPeriod(certificate, at);
            CheckUsage(certificate, usage);
            if (anchors is not null && !Anchoring.Leads(certificate, [], anchors, at, out var status))
                throw new RecipientRefused(RecipientFault.Untrusted, $"The certificate of {certificate.Subject} does not lead to a trust anchor: {status}.");
            return new RecipientCertificate(certificate);
        }
        catch (CryptographicException)
        {
            // Its parts are read only now.
            throw new RecipientRefused(RecipientFault.Usage, "The certificate's extensions can't be read.");
        }
    }

    /// <summary>Checks key, curve, validity, usage, the chain, and that nothing in it was revoked.</summary>
    /// <param name="certificate">The recipient's certificate.</param>
    /// <param name="at">When it is to be used.</param>
    /// <param name="trust">What it must lead to, and who says whether it was revoked.</param>
    /// <exception cref="RecipientRefused">Nothing may be sealed for it.</exception>
    public static RecipientCertificate Check(X509Certificate2 certificate, DateTimeOffset at, RecipientTrust trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var recipient = Check(certificate, at);
        trust.Check(certificate, at);
        return recipient;
    }

    private static X509KeyUsageFlags CheckKey(X509Certificate2 certificate)
    {
        try
        {
            return certificate.PublicKey.Oid.Value switch
            {
                CmsOid.RsaEncryption => CheckRsa(certificate),
                CmsOid.EcPublicKey => CheckCurve(certificate),
                _ => throw new RecipientRefused(RecipientFault.Algorithm, $"The certificate's key ({certificate.PublicKey.Oid.FriendlyName}) can't be sealed for: RSA, or a key on P-256 or P-384, is needed."),
            };
        }
        catch (CryptographicException)
        {
            throw new RecipientRefused(RecipientFault.Algorithm, "The certificate's key can't be read.");
        }
    }

    private static X509KeyUsageFlags CheckRsa(X509Certificate2 certificate)
    {
        using var key = certificate.GetRSAPublicKey()!;
        if (key.KeySize is < ShortestRsaKey or > LongestRsaKey)
            throw new RecipientRefused(RecipientFault.KeyLength, $"The certificate's RSA key has {key.KeySize} bits; {ShortestRsaKey} to {LongestRsaKey} are accepted.");
        // NIST SP 800-56B §6.2: with a small exponent the encrypted key could be computed back.
        var exponent = key.ExportParameters(includePrivateParameters: false).Exponent.AsSpan().TrimStart((byte)0);
        if (exponent.Length < 3 || exponent.Length == 3 && exponent[0] == 0 || (exponent[^1] & 1) == 0)
            throw new RecipientRefused(RecipientFault.KeyLength, "The certificate's RSA key has an exponent under 65537.");
        return X509KeyUsageFlags.KeyEncipherment;
    }

    private static X509KeyUsageFlags CheckCurve(X509Certificate2 certificate)
    {
        if (EllipticKey.CurveOf(certificate.PublicKey) is null)
            throw new RecipientRefused(RecipientFault.Curve, "The certificate's key is on another curve than P-256 and P-384.");
        return X509KeyUsageFlags.KeyAgreement;
    }

    private static void CheckPeriod(X509Certificate2 certificate, DateTimeOffset at)
    {
        if (at < certificate.NotBefore.ToUniversalTime())
            throw new RecipientRefused(RecipientFault.NotYetValid, $"The certificate is valid from {certificate.NotBefore.ToUniversalTime():O} on.");
        if (at > certificate.NotAfter.ToUniversalTime())
            throw new RecipientRefused(RecipientFault.Expired, $"The certificate was valid until {certificate.NotAfter.ToUniversalTime():O}.");
    }

    /// <summary>An extension that is not there restricts nothing (RFC 5280 §4.2.1.3 and §4.2.1.12).</summary>
    private static void CheckUsage(X509Certificate2 certificate, X509KeyUsageFlags wanted)
    {
        var usages = certificate.Extensions.OfType<X509KeyUsageExtension>().Select(extension => extension.KeyUsages);
        var extended = certificate.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>()).ToList();
        if (usages.Any(usage => !usage.HasFlag(wanted)))
            throw new RecipientRefused(RecipientFault.Usage, $"The certificate is not for {wanted} (key usage).");
        if (extended.Count > 0 && !extended.Any(usage => usage.Value is AnyUsage or EmailProtection or DocumentEncryption))
            throw new RecipientRefused(RecipientFault.Usage, "The certificate is for neither mail nor documents (extended key usage).");
    }
}
