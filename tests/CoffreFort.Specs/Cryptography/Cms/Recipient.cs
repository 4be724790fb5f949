using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>An agency's certificate and key, one of each kind for the whole run: an RSA key takes a second to make.</summary>
internal sealed class Recipient
{
    public static readonly string[] Kinds = ["RSA-3072", "RSA-4096", "P-256", "P-384"];

    private static readonly Dictionary<string, Lazy<Recipient>> s_made = Kinds.Append("another").ToDictionary(kind => kind, kind => new Lazy<Recipient>(() => Make(kind)));

    private Recipient(X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        Certificate = certificate;
        Pem = certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>Certificate and key.</summary>
    public string Pem { get; }

    public static Recipient Of(string kind) => s_made[kind].Value;

    private static Recipient Make(string kind)
    {
        if (kind.StartsWith("RSA", StringComparison.Ordinal))
        {
            using var rsa = RSA.Create(int.Parse(kind[4..], System.Globalization.CultureInfo.InvariantCulture));
            return new Recipient(SelfSigned(new CertificateRequest($"CN=Agency {kind}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pss), X509KeyUsageFlags.KeyEncipherment), rsa);
        }

        using var key = ECDsa.Create(kind == "P-384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        using var agreement = ECDiffieHellman.Create(key.ExportParameters(includePrivateParameters: true));
        using var certificate = SelfSigned(key, new CertificateRequest($"CN=Agency {kind}", key, HashAlgorithmName.SHA256), X509KeyUsageFlags.KeyAgreement);
        return new Recipient(certificate.CopyWithPrivateKey(agreement), key);
    }

    /// <summary>Without its private key, and so for any usage.</summary>
    public static X509Certificate2 SelfSigned(ECDsa key, CertificateRequest request, X509KeyUsageFlags usage, TimeSpan? from = null, TimeSpan? until = null)
    {
        Extend(request, usage);
        var now = DateTimeOffset.UtcNow;
        return request.Create(request.SubjectName, X509SignatureGenerator.CreateForECDsa(key), now + (from ?? TimeSpan.FromDays(-1)), now + (until ?? TimeSpan.FromDays(30)), [1, 2, 3]);
    }

    public static X509Certificate2 SelfSigned(CertificateRequest request, X509KeyUsageFlags usage, TimeSpan? from = null, TimeSpan? until = null)
    {
        Extend(request, usage);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow + (from ?? TimeSpan.FromDays(-1)), DateTimeOffset.UtcNow + (until ?? TimeSpan.FromDays(30)));
    }

    private static void Extend(CertificateRequest request, X509KeyUsageFlags usage)
    {
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
    }
}
