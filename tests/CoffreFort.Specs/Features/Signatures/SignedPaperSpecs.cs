using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.Server.Demo;
using CoffreFort.Specs.Cryptography.Cms;
using CoffreFort.Specs.Cryptography.Issuers;

namespace CoffreFort.Specs.Features.Signatures;

/// <summary>The demo's signed paper is what stock software takes for one.</summary>
public sealed class SignedPaperSpecs
{
    [Theory]
    [InlineData("avis-imposition.pdf")]
    [InlineData("ordre-mutation.pdf")]
    [Trait("Requirement", "R-040")]
    public void openssl_verifies_it_and_we_recognise_it(string paper)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var issuer = Recipient.SelfSigned(new CertificateRequest("CN=Centre", key, HashAlgorithmName.SHA256), X509KeyUsageFlags.DigitalSignature);
        var plain = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Demo", "Documents", paper));
        var at = new DateTimeOffset(2026, 11, 22, 16, 0, 0, TimeSpan.Zero);
        var signed = SignedPaper.Sign(plain, issuer, at.AddMinutes(1));

        Assert.Equal(plain, signed[..plain.Length]);
        ListedIssuer[] listed = [new("Centre", [issuer], new HashSet<string> { "tax-notice" }, new Dictionary<string, string>())];
        Assert.Equal(IssuerVerdict.Valid, IssuerVerification.Verify(signed, "tax-notice", listed, DateTimeOffset.UtcNow).Verdict);
        using var openssl = new OpenSsl();
        var (from, to) = SignedPdf.Gap(signed);
        openssl.Write("signed", SignedPdf.Signed(signed));
        openssl.Write("signature", Convert.FromHexString(System.Text.Encoding.ASCII.GetString(signed, from + 1, to - from - 2)));
        openssl.Write("issuer.pem", issuer.ExportCertificatePem());
        openssl.Run("cms -verify -binary -inform DER -in signature -content signed -CAfile issuer.pem -purpose any -out read");
    }
}
