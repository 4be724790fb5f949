using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography;

/// <summary>One RSA-3072 key with a self-signed certificate in a private PKCS#12 file.</summary>
internal static class KeyFile
{
    private const int KeyBits = 3072;

    // Under the platform's own limits for files it opens; a password made here is random and needs none of it.
    private static readonly PbeParameters s_encryption = new(PbeEncryptionAlgorithm.Aes256Cbc, HashAlgorithmName.SHA256, iterationCount: 100_000);

    public static X509Certificate2 OpenOrCreate(string path, string subject, string password)
    {
        if (!File.Exists(path))
            Create(path, subject, password);
        var content = PrivateFile.Read(path);
        try
        {
            // Never on disk a second time; macOS alone cannot do without.
            var storage = OperatingSystem.IsMacOS() ? X509KeyStorageFlags.DefaultKeySet : X509KeyStorageFlags.EphemeralKeySet;
            return Checked(X509CertificateLoader.LoadPkcs12(content, password, storage), path);
        }
        catch (CryptographicException)
        {
            throw new RootKeyRefused($"{path} does not open: the password is not the one it was created with, or the file is damaged.");
        }
    }

    private static X509Certificate2 Checked(X509Certificate2 certificate, string path)
    {
        using var rsa = certificate.GetRSAPrivateKey();
        if (rsa?.KeySize >= KeyBits)
            return certificate;
        certificate.Dispose();
        throw new RootKeyRefused($"{path} holds no RSA key of at least {KeyBits} bits.");
    }

    private static void Create(string path, string subject, string password)
    {
        using var rsa = RSA.Create(KeyBits);
        var request = new CertificateRequest($"CN={subject}", rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        // It never expires by itself: a root key ends by rotation, and an expired one would only lock the owner out.
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(9999, 12, 31, 23, 59, 59, TimeSpan.Zero));
        var content = certificate.ExportPkcs12(s_encryption, password);
        PrivateFile.CreateIfMissing(path, content);
    }
}
