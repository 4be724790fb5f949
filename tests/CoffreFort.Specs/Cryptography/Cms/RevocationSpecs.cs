using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>Nothing is sealed for a certificate that was revoked, or of which nobody says that it was not.</summary>
public sealed class RevocationSpecs : IDisposable
{
    private static readonly DateTimeOffset s_now = DateTimeOffset.UtcNow;
    private static readonly X509Certificate2 s_root = Authority("CN=Root");

    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Theory]
    [InlineData("current", null)]
    [InlineData("none", RecipientFault.RevocationUnknown)]
    [InlineData("revoked", RecipientFault.Revoked)]
    [InlineData("stale", RecipientFault.RevocationUnknown)]
    [InlineData("of the future", RecipientFault.RevocationUnknown)]
    [InlineData("by a namesake", RecipientFault.RevocationUnknown)]
    [InlineData("damaged", RecipientFault.RevocationUnknown)]
    [Trait("Requirement", "R-334")]
    public void a_certificate_counts_only_with_its_issuers_word_of_today(string list, RecipientFault? fault)
    {
        using var certificate = Issued(s_root, [1, 2, 3, 4]);
        RevocationList[] lists = list switch
        {
            "current" => [List(s_root, [9])],
            "revoked" => [List(s_root, [1, 2, 3, 4])],
            "stale" => [List(s_root, [9], from: -20, days: -10)],
            "of the future" => [List(s_root, [9], from: 5, days: 10)],
            "by a namesake" => [List(Authority("CN=Root"), [9])],
            "damaged" => [Damaged()],
            _ => [],
        };
        Assert.Equal(fault, FaultOf(certificate, new RecipientTrust([s_root], [], lists)));
    }

    [Fact]
    [Trait("Requirement", "R-334")]
    public void each_authority_in_between_needs_a_word_too_and_an_anchor_none()
    {
        using var between = Authority("CN=Between", s_root);
        using var certificate = Issued(between, [7]);
        Assert.Equal(RecipientFault.RevocationUnknown, FaultOf(certificate, new RecipientTrust([s_root], [between], [List(between, [9])])));
        Assert.Equal(RecipientFault.Revoked, FaultOf(certificate, new RecipientTrust([s_root], [between], [List(between, [9]), List(s_root, [.. between.SerialNumberBytes.ToArray()])])));
        Assert.Null(FaultOf(certificate, new RecipientTrust([s_root], [between], [List(between, [9]), List(s_root, [9])])));
        Assert.Null(FaultOf(certificate, new RecipientTrust([certificate], [], [])));
        Assert.Equal(RecipientFault.Untrusted, FaultOf(certificate, new RecipientTrust([s_root], [], [])));
    }

    [Fact]
    [Trait("Requirement", "R-334")]
    public void a_list_that_openssl_made_is_understood_and_a_partial_one_refused()
    {
        _openssl.Write("ca.cnf", "[ca]\ndefault_ca = d\n[d]\ndatabase = index.txt\nserial = serial\ncrlnumber = crlnumber\ndefault_md = sha384\ndefault_crl_days = 30\npolicy = p\nnew_certs_dir = .\n[p]\ncommonName = supplied\n[part]\nissuingDistributionPoint = critical, @point\n[point]\nonlyuser = TRUE\n[leaf]\nkeyUsage = critical, keyAgreement\n");
        _openssl.Write("index.txt", "");
        _openssl.Write("serial", "01\n");
        _openssl.Write("crlnumber", "01\n");
        _openssl.Run("req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-384 -noenc -keyout ca.key -out ca.pem -days 3650 -subj /CN=Test-CA -addext basicConstraints=critical,CA:true -addext keyUsage=critical,cRLSign,keyCertSign");
        _openssl.Run("req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -noenc -keyout leaf.key -out leaf.csr -subj /CN=Agency");
        _openssl.Run("ca -config ca.cnf -batch -notext -in leaf.csr -out leaf.pem -keyfile ca.key -cert ca.pem -days 30 -extensions leaf");
        using var certificate = X509CertificateLoader.LoadCertificate(Der("leaf.pem"));
        using var root = X509CertificateLoader.LoadCertificate(Der("ca.pem"));
        _openssl.Run("ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out crl.pem");
        Assert.Null(FaultOf(certificate, new RecipientTrust([root], [], [RevocationList.Read(Der("crl.pem"))])));
        _openssl.Run("ca -config ca.cnf -revoke leaf.pem -keyfile ca.key -cert ca.pem");
        _openssl.Run("ca -config ca.cnf -gencrl -keyfile ca.key -cert ca.pem -out crl.pem");
        Assert.Equal(RecipientFault.Revoked, FaultOf(certificate, new RecipientTrust([root], [], [RevocationList.Read(Der("crl.pem"))])));
        _openssl.Run("ca -config ca.cnf -gencrl -crlexts part -keyfile ca.key -cert ca.pem -out crl.pem");
        Assert.Equal(CmsFault.Algorithm, Sealing.FaultOf(() => RevocationList.Read(Der("crl.pem"))));
    }

    private byte[] Der(string file)
    {
        var text = System.Text.Encoding.ASCII.GetString(_openssl.Read(file));
        return Convert.FromBase64String(text[PemEncoding.Find(text).Base64Data]);
    }

    private static RecipientFault? FaultOf(X509Certificate2 certificate, RecipientTrust trust)
    {
        try
        {
            RecipientCertificate.Check(certificate, DateTimeOffset.UtcNow, trust);
            return null;
        }
        catch (RecipientRefused refused)
        {
            return refused.Fault;
        }
    }

    private static RevocationList List(X509Certificate2 issuer, byte[] serial, int from = -1, int days = 10) => RevocationList.Read(Encoded(issuer, serial, from, days));

    private static byte[] Encoded(X509Certificate2 issuer, byte[] serial, int from, int days)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(serial, s_now.AddDays(from));
        return builder.Build(issuer, 1, s_now.AddDays(days), HashAlgorithmName.SHA256, thisUpdate: s_now.AddDays(from));
    }

    /// <summary>Well formed, and with another signature.</summary>
    private static RevocationList Damaged()
    {
        var (one, other) = (Encoded(s_root, [9], -1, 10), Encoded(s_root, [1, 2, 3, 4], -1, 10));
        var at = other.AsSpan().IndexOf((byte[])[2, 4, 1, 2, 3, 4]);
        other[at + 5] = 9;
        Assert.NotEmpty(one);
        return RevocationList.Read(other);
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer = null)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        if (issuer is null) return request.CreateSelfSigned(s_now.AddDays(-30), s_now.AddDays(30));
        using var made = request.Create(issuer, s_now.AddDays(-20), s_now.AddDays(20), [5, 5]);
        return made.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 Issued(X509Certificate2 issuer, byte[] serial)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=Agency", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyAgreement, true));
        return request.Create(issuer, s_now.AddDays(-10), s_now.AddDays(10), serial);
    }
}
