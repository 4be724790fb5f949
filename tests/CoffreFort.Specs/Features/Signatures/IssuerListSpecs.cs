using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Hosting;
using CoffreFort.Specs.Cryptography.Issuers;

namespace CoffreFort.Specs.Features.Signatures;

/// <summary>A trust list is read whole or not at all, and what is wrong with it is said with the file's name.</summary>
public sealed class IssuerListSpecs : IDisposable
{
    private static readonly EvidenceCatalogue s_catalogue = EvidenceCatalogue.Load(Path.Combine(AppContext.BaseDirectory, "Catalogue"));

    private readonly string _folder = Directory.CreateTempSubdirectory("coffrefort-issuers-").FullName;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    [Fact]
    [Trait("Requirement", "R-040")]
    public void each_file_is_an_issuer_with_its_certificates_and_kinds()
    {
        Write("caf.json", """{"name": "CAF", "certificates": "caf.pem", "evidenceTypes": ["tax-notice", "payslip"], "subject": {"2.5.4.97": "NTRFR-1"}}""");
        Write("town.json", """{"name": "Ville", "certificates": "caf.pem", "evidenceTypes": ["school-certificate"]}""");
        Write("caf.pem", SigningIssuer.Authority.ExportCertificatePem());
        Write("read-me.txt", "not a list");
        var issuers = IssuerList.Load(_folder, s_catalogue).Issuers;
        Assert.Equal(["CAF", "Ville"], issuers.Select(issuer => issuer.Name));
        Assert.Equal(["payslip", "tax-notice"], issuers[0].Kinds.Order(StringComparer.Ordinal));
        Assert.Equal("NTRFR-1", issuers[0].Subject["2.5.4.97"]);
        Assert.Equal(SigningIssuer.Authority.RawData, issuers[1].Anchors.Single().RawData);
        Assert.Empty(IssuerList.Load(null, s_catalogue).Issuers);
    }

    [Theory]
    [InlineData("not JSON", "is not usable")]
    [InlineData("null", "it holds null")]
    [InlineData("""{"name": "", "certificates": "caf.pem", "evidenceTypes": ["tax-notice"]}""", "name has")]
    [InlineData("""{"name": "CAF", "certificates": "caf.pem", "evidenceTypes": []}""", "evidenceTypes names none")]
    [InlineData("""{"name": "CAF", "certificates": "caf.pem", "evidenceTypes": ["tax-notices"]}""", "tax-notices")]
    [InlineData("""{"name": "CAF", "certificates": "caf.pem", "evidenceTypes": ["tax-notice"], "trust": "all"}""", "trust")]
    [InlineData("""{"name": "CAF", "certificates": "caf.pem", "evidenceTypes": ["tax-notice"], "subject": {"CN": "CAF"}}""", "subject names CN")]
    [InlineData("""{"name": "CAF", "certificates": "../caf.pem", "evidenceTypes": ["tax-notice"]}""", "a file beside it")]
    [InlineData("""{"name": "CAF", "certificates": "none.pem", "evidenceTypes": ["tax-notice"]}""", "none.pem")]
    [InlineData("""{"name": "CAF", "certificates": "empty.pem", "evidenceTypes": ["tax-notice"]}""", "empty.pem holds no certificate")]
    [InlineData("""{"name": "CAF", "certificates": "between.pem", "evidenceTypes": ["tax-notice"]}""", "CN=Between is an authority below another one")]
    [Trait("Requirement", "R-040")]
    public void a_file_that_is_not_usable_is_named(string list, string words)
    {
        Write("caf.json", list);
        Write("caf.pem", SigningIssuer.Authority.ExportCertificatePem());
        Write("empty.pem", "");
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Between", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        Write("between.pem", request.Create(new X500DistinguishedName("CN=Root"), X509SignatureGenerator.CreateForECDsa(key), DateTimeOffset.UtcNow, DateTimeOffset.UtcNow.AddDays(1), [1]).ExportCertificatePem());
        var said = Assert.Throws<SettingsException>(() => IssuerList.Load(_folder, s_catalogue)).Message;
        Assert.Contains("caf.json", said, StringComparison.Ordinal);
        Assert.Contains(words, said, StringComparison.Ordinal);
    }

    private void Write(string name, string content) => File.WriteAllText(Path.Combine(_folder, name), content);
}
