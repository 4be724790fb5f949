using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>Whether a certificate is for signing documents (docs/spec/issuer-signature.md §5.2).</summary>
internal static class SigningUsage
{
    private const X509KeyUsageFlags Signing = X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.NonRepudiation;

    /// <summary>Any; mail; documents as RFC 9336, Microsoft and Adobe name them.</summary>
    private static readonly HashSet<string> s_usages = ["2.5.29.37.0", "1.3.6.1.5.5.7.3.4", "1.3.6.1.5.5.7.3.36", "1.3.6.1.4.1.311.10.3.12", "1.2.840.113583.1.1.5"];

    /// <summary>An extension that is not there restricts nothing (RFC 5280 §4.2.1.3 and §4.2.1.12).</summary>
    public static bool Is(X509Certificate2 signer)
    {
        var extended = signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().SelectMany(extension => extension.EnhancedKeyUsages.Cast<Oid>()).ToList();
        return signer.Extensions.OfType<X509KeyUsageExtension>().All(extension => (extension.KeyUsages & Signing) != 0)
            && (extended.Count == 0 || extended.Any(usage => s_usages.Contains(usage.Value!)));
    }
}
