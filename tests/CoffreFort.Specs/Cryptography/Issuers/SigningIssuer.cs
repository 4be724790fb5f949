using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.Specs.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Issuers;

/// <summary>An issuer with a certificate of its own under an authority, who signs with stock openssl.</summary>
internal sealed class SigningIssuer
{
    public const string Kind = "caf-attestation";
    public static readonly string[] Algorithms = ["RSA", "PSS", "P-256", "P-384"];

    private static readonly Lazy<RSA> s_rsa = new(() => RSA.Create(2048));
    private static readonly ECDsa s_authorityKey = ECDsa.Create(ECCurve.NamedCurves.nistP384);

    /// <summary>Certifies all of them.</summary>
    public static readonly X509Certificate2 Authority = MakeAuthority("CN=Autorité des organismes", s_authorityKey);

    private readonly string _pem;
    private readonly string _algorithm;

    public SigningIssuer(string algorithm, X509KeyUsageFlags usage = X509KeyUsageFlags.DigitalSignature, string? extended = null, int from = -100, int until = 100, AsymmetricAlgorithm? key = null,
        string subject = "CN=CAF du Finistère,O=CAF,OID.2.5.4.97=NTRFR-180000000")
    {
        _algorithm = algorithm;
        key ??= algorithm is "RSA" or "PSS" ? s_rsa.Value : ECDsa.Create(algorithm == "P-384" ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256);
        var request = key is RSA rsa
            ? new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject, (ECDsa)key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(usage, critical: true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, critical: false));
        if (extended is not null) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(extended)], critical: false));
        var now = DateTimeOffset.UtcNow;
        Certificate = request.Create(Authority.SubjectName, X509SignatureGenerator.CreateForECDsa(s_authorityKey), now.AddDays(from), now.AddDays(until), RandomNumberGenerator.GetBytes(8));
        _pem = Certificate.ExportCertificatePem() + "\n" + key.ExportPkcs8PrivateKeyPem() + "\n";
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The list that has this authority for one kind.</summary>
    public static ListedIssuer[] List(string kind = Kind, Dictionary<string, string>? subject = null, X509Certificate2? anchor = null) =>
        [new ListedIssuer("Caisse d'allocations familiales", [anchor ?? Authority], new HashSet<string> { kind }, subject ?? [])];

    public static X509Certificate2 MakeAuthority(string name, ECDsa key)
    {
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA384);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1000), DateTimeOffset.UtcNow.AddDays(1000));
    }

    public static IssuerSignature Look(byte[] document, ListedIssuer[]? list = null, string kind = Kind) => IssuerVerification.Verify(document, kind, list ?? List(), DateTimeOffset.UtcNow);

    /// <summary>At a document whose signature is beside it, of which only the hash is at hand.</summary>
    public static IssuerSignature LookBeside(byte[] document, byte[] signature, ListedIssuer[]? list = null, string kind = Kind)
    {
        var digest = IssuerVerification.HashOf(signature) is { } hash ? CryptographicOperations.HashData(hash, document) : [];
        return IssuerVerification.VerifyDetached(digest, signature, kind, list ?? List(), DateTimeOffset.UtcNow);
    }

    /// <summary>With the content inside unless <paramref name="detached"/>; in DER, or as openssl streams it.</summary>
    public byte[] Sign(OpenSsl openssl, byte[] content, bool detached = false, string more = "-md sha256")
    {
        openssl.Write("signer.pem", _pem);
        openssl.Write("content", content);
        var padding = _algorithm == "PSS" && !more.Contains("-keyopt", StringComparison.Ordinal) ? "-keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:digest" : "";
        openssl.Run($"cms -sign -binary {(detached ? "" : "-nodetach")} -in content -signer signer.pem -outform DER -out signed {padding} {more}");
        return openssl.Read("signed");
    }

    public byte[] SignPdf(OpenSsl openssl, byte[] prepared, string more = "-md sha256") => SignedPdf.Fill(prepared, Sign(openssl, SignedPdf.Signed(prepared), detached: true, more));
}
