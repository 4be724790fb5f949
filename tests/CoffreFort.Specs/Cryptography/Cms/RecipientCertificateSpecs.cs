using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Cms;

public sealed class RecipientCertificateSpecs
{
    private static readonly TimeSpan s_day = TimeSpan.FromDays(1);

    public static TheoryData<string> Kinds => [.. Recipient.Kinds];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void a_certificate_of_each_kind_is_accepted(string kind)
    {
        var accepted = RecipientCertificate.Check(Recipient.Of(kind).Certificate, Sealing.Now, [Recipient.Of(kind).Certificate]);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(Recipient.Of(kind).Certificate.RawData)), accepted.Fingerprint);
    }

    [Fact]
    [Trait("Requirement", "R-322")]
    public void a_short_rsa_key_is_refused() => Refused(RecipientFault.KeyLength, Rsa(2048, X509KeyUsageFlags.KeyEncipherment));

    [Fact]
    [Trait("Requirement", "R-322")]
    public void another_curve_is_refused()
    {
        Refused(RecipientFault.Curve, Elliptic(ECCurve.NamedCurves.nistP521, X509KeyUsageFlags.KeyAgreement));
        Refused(RecipientFault.Curve, Elliptic(ECCurve.NamedCurves.brainpoolP256r1, X509KeyUsageFlags.KeyAgreement));
    }

    [Theory]
    [InlineData("newkey ed25519", RecipientFault.Algorithm)]
    [InlineData("newkey rsa-pss -pkeyopt rsa_keygen_bits:3072", RecipientFault.Algorithm)]
    [InlineData("newkey rsa:3072 -pkeyopt rsa_keygen_pubexp:3", RecipientFault.KeyLength)]
    [InlineData("newkey ec -pkeyopt ec_paramgen_curve:P-256 -pkeyopt ec_param_enc:explicit", RecipientFault.Curve)]
    [Trait("Requirement", "R-322")]
    public void a_key_of_any_other_kind_is_refused(string key, RecipientFault fault)
    {
        using var openssl = new OpenSsl();
        openssl.Run($"req -x509 -{key} -noenc -keyout key.pem -out certificate.pem -days 10 -subj /CN=Agency");
        using var certificate = X509CertificateLoader.LoadCertificate(openssl.Read("certificate.pem"));
        Refused(fault, certificate);
    }

    [Fact]
    [Trait("Requirement", "R-322")]
    public void a_certificate_out_of_its_time_is_refused()
    {
        Refused(RecipientFault.Expired, Elliptic(ECCurve.NamedCurves.nistP256, X509KeyUsageFlags.KeyAgreement, -2 * s_day, -s_day));
        Refused(RecipientFault.NotYetValid, Elliptic(ECCurve.NamedCurves.nistP256, X509KeyUsageFlags.KeyAgreement, s_day, 2 * s_day));
    }

    [Fact]
    [Trait("Requirement", "R-322")]
    public void a_certificate_for_something_else_is_refused()
    {
        Refused(RecipientFault.Usage, Elliptic(ECCurve.NamedCurves.nistP256, X509KeyUsageFlags.DigitalSignature));
        Refused(RecipientFault.Usage, Rsa(3072, X509KeyUsageFlags.DigitalSignature));
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Agency", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], critical: false));
        Refused(RecipientFault.Usage, Recipient.SelfSigned(key, request, X509KeyUsageFlags.KeyAgreement));
    }

    [Fact]
    public void a_certificate_that_does_not_lead_to_an_anchor_is_refused()
    {
        var refusal = Assert.Throws<RecipientRefused>(() => RecipientCertificate.Check(Recipient.Of("P-256").Certificate, Sealing.Now, [Recipient.Of("P-384").Certificate]));
        Assert.Equal(RecipientFault.Untrusted, refusal.Fault);
    }

    private static void Refused(RecipientFault fault, X509Certificate2 certificate) =>
        Assert.Equal(fault, Assert.Throws<RecipientRefused>(() => RecipientCertificate.Check(certificate, Sealing.Now)).Fault);

    private static X509Certificate2 Rsa(int bits, X509KeyUsageFlags usage)
    {
        using var key = RSA.Create(bits);
        return Recipient.SelfSigned(new CertificateRequest("CN=Agency", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), usage);
    }

    private static X509Certificate2 Elliptic(ECCurve curve, X509KeyUsageFlags usage, TimeSpan? from = null, TimeSpan? until = null)
    {
        using var key = ECDsa.Create(curve);
        return Recipient.SelfSigned(key, new CertificateRequest("CN=Agency", key, HashAlgorithmName.SHA256), usage, from, until);
    }
}
