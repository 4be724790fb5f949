using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography;

/// <summary>One key, RSA-3072 to encrypt or P-256 to sign, with a self-signed certificate in a private PKCS#12 file.</summary>
internal static class KeyFile
{
    private const int KeyBits = 3072;

    // Under the platform's own limits for files it opens; a password made here is random and needs none of it.
    private static readonly PbeParameters s_encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 100_000);

    public static X509Certificate2 OpenOrCreate(string path, string subject, string password)
    {
        if (!File.Exists(path))
            CreateEncrypting(path, subject, password);
        return Open(path, password, HoldsRsa, $"no RSA key of at least {KeyBits} bits");
    }

    public static X509Certificate2 OpenOrCreateSigning(string path, string subject, string password)
    {
        if (!File.Exists(path))
            CreateSigning(path, subject, password);
        return Open(path, password, HoldsP256, "no P-256 key");
    }

    private static X509Certificate2 Open(string path, string password, Func<X509Certificate2, bool> holds, string fault)
    {
        var content = PrivateFile.Read(path);
        try
        {
            // Never on disk a second time; macOS alone cannot do without.
            var storage = OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;
            var certificate = X509CertificateLoader.LoadPkcs12(content, password, storage);
            if (holds(certificate))
                return certificate;
            certificate.Dispose();
            throw new RootKeyRefused($"{path} holds {fault}.");
        }
        catch (CryptographicException)
        {
            throw new RootKeyRefused($"{path} does not open: the password is not the one it was created with, or the file is damaged.");
        }
    }

    private static bool HoldsRsa(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPrivateKey();
        return rsa?.KeySize >= KeyBits;
    }

    private static bool HoldsP256(X509Certificate2 certificate)
    {
        using var key = certificate.GetECDsaPrivateKey();
        return key?.ExportParameters(includePrivateParameters: false).Curve.Oid.Value == ECCurve.NamedCurves.nistP256.Oid.Value;
    }

    private static void CreateEncrypting(string path, string subject, string password)
    {
        using var rsa = RSA.Create(KeyBits);
        Create(path, new CertificateRequest($"CN={subject}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), X509KeyUsageFlags.KeyEncipherment, password);
    }

    private static void CreateSigning(string path, string subject, string password)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Create(path, new CertificateRequest($"CN={subject}", key, HashAlgorithmName.SHA256), X509KeyUsageFlags.DigitalSignature, password);
    }

    private static void Create(string path, CertificateRequest request, X509KeyUsageFlags usage, string password)
    {
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        // It never expires by itself: a key ends by rotation, and an expired one would only lock the owner out.
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero));
        PrivateFile.CreateIfMissing(path, certificate.ExportPkcs12(s_encryption, password));
    }
}
