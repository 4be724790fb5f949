using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Specs.Vectors;

/// <summary>Certificates that are the same for ever.</summary>
internal static class SeededCertificate
{
    public static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), Until = new(2036, 1, 1, 0, 0, 0, TimeSpan.Zero), Now = new(2026, 6, 1, 12, 0, 0, TimeSpan.Zero);

    public static readonly SeededKey AuthorityKey = new("authority"), SealKey = new("seal"), StampKey = new("timestamp authority");

    /// <summary>What seals' and timestamp authorities' certificates lead to.</summary>
    public static readonly X509Certificate2 Authority = Make("CN=Vectors authority", Of(AuthorityKey), null, Extensions(X509KeyUsageFlags.KeyCertSign, authority: true));

    public static readonly X509Certificate2 Seal = SealWith();

    public static X509Certificate2 SealWith(X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature, DateTimeOffset? from = null, DateTimeOffset? until = null, SeededKey? key = null) =>
        Make("CN=Vectors seal", Of(key ?? SealKey), Authority, Extensions(usage), from, until);

    public static X509Certificate2 Make(
        string subject, PublicKey key, X509Certificate2? issuer, IEnumerable<X509Extension> extensions, DateTimeOffset? from = null, DateTimeOffset? until = null, SeededKey? signer = null)
    {
        var request = new CertificateRequest(new X500DistinguishedName(subject), key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions) request.CertificateExtensions.Add(extension);
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(key, critical: false));
        return request.Create(
            issuer?.SubjectName ?? request.SubjectName, new SeededSignature(signer ?? AuthorityKey), from ?? From, until ?? Until, [1, .. Seeded.Bytes(subject + from + until, 7)]);
    }

    public static PublicKey Of(SeededKey key)
    {
        using var signing = key.Signing;
        return new PublicKey(signing);
    }

    public static IEnumerable<X509Extension> Extensions(X509KeyUsageFlags usage, bool authority = false) =>
    [
        new X509BasicConstraintsExtension(authority, hasPathLengthConstraint: false, 0, critical: true), new X509KeyUsageExtension(usage, critical: true),
    ];
}

/// <summary>Somebody whom things are sealed for: certificate and private key.</summary>
internal sealed class SeededRecipient
{
    public static readonly string[] Kinds = ["rsa-3072", "p-256", "p-384"];

    private SeededRecipient(X509Certificate2 certificate, byte[] key) => (Certificate, Key) = (certificate, key);

    /// <summary>With its private key.</summary>
    public X509Certificate2 Certificate { get; }

    /// <summary>PKCS#8.</summary>
    public byte[] Key { get; }

    /// <summary>The RSA key is a file: making one is not repeatable.</summary>
    public static SeededRecipient Of(string kind)
    {
        if (kind == "rsa-3072")
        {
            var rsa = RSA.Create();
            rsa.ImportFromPem(File.ReadAllText(Path.Combine(Vector.Folder, "rsa-3072.pem")));
            return new(Named(kind, new PublicKey(rsa), X509KeyUsageFlags.KeyEncipherment).CopyWithPrivateKey(rsa), rsa.ExportPkcs8PrivateKey());
        }

        var key = new SeededKey($"recipient {kind}", p384: kind == "p-384");
        using var agreement = key.Agreement;
        return new(Named(kind, SeededCertificate.Of(key), X509KeyUsageFlags.KeyAgreement).CopyWithPrivateKey(agreement), agreement.ExportPkcs8PrivateKey());
    }

    private static X509Certificate2 Named(string kind, PublicKey key, X509KeyUsageFlags usage) =>
        SeededCertificate.Make($"CN=Vectors agency {kind}", key, SeededCertificate.Authority, SeededCertificate.Extensions(usage));
}
