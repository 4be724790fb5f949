using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.IntegrationTests.Features.Consents;

/// <summary>An agency's certificate with its private key.</summary>
internal static class AgencyKey
{
    /// <summary>Self-signed, or by an authority.</summary>
    public static X509Certificate2 Make(X509Certificate2? issuer = null)
    {
        using var key = RSA.Create(3072);
        var request = new CertificateRequest("CN=Mairie de Brest", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true));
        var now = DateTimeOffset.UtcNow;
        if (issuer is null) return request.CreateSelfSigned(now.AddDays(-1), now.AddDays(30));
        using var made = request.Create(issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), now.AddDays(-1), now.AddDays(30), [1, 2, 3]);
        return made.CopyWithPrivateKey(key);
    }

    public static X509Certificate2 Authority()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Authority of agencies", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-5), DateTimeOffset.UtcNow.AddDays(60));
    }
}
