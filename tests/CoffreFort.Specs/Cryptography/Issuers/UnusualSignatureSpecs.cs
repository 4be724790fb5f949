using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Cryptography.Issuers;

namespace CoffreFort.Specs.Cryptography.Issuers;

/// <summary>What stock openssl does not write, and somebody else might: weak links of a chain, odd attributes, far too much of everything (docs/spec/issuer-signature.md §5 and §6).</summary>
[Trait("Requirement", "R-040")]
public sealed class UnusualSignatureSpecs : IDisposable
{
    private static readonly byte[] s_content = "Attestation de quotient familial"u8.ToArray();

    private readonly ECDsa _key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly ECDsa _root = ECDsa.Create(ECCurve.NamedCurves.nistP256);

    public void Dispose()
    {
        _key.Dispose();
        _root.Dispose();
    }

    [Theory]
    [InlineData(1024, 3, false)]
    [InlineData(2048, 3, true)]
    [InlineData(8192, 4, true)]
    [InlineData(8200, 3, false)]
    [InlineData(2048, 5, false)]
    public void a_key_is_neither_too_weak_nor_made_to_cost_time(int bits, int exponent, bool strong)
    {
        var modulus = new byte[bits / 8];
        modulus.AsSpan().Fill(0xFF);
        using var rsa = RSA.Create(new RSAParameters { Modulus = modulus, Exponent = [.. Enumerable.Repeat((byte)1, exponent)] });
        Assert.Equal(strong, SignatureStrength.IsStrong(new PublicKey(rsa), CmsOid.RsaEncryption));
    }

    /// <summary>Whoever listed it vouches for whose it is, not for what anybody can forge with it.</summary>
    [Fact]
    public void a_weak_key_proves_nothing_though_its_certificate_is_listed()
    {
        using var weak = RSA.Create(1024);
        using var certificate = Certify(weak);
        IssuerSignatureSpecs.Expect(IssuerFault.Algorithm, SigningIssuer.Look(Sign(certificate), SigningIssuer.List(anchor: certificate)));
    }

    [Fact]
    public void a_chain_is_as_strong_as_its_weakest_link()
    {
        using var weak = RSA.Create(1024);
        using var authority = Authority(weak);
        using var certificate = Under(authority.SubjectName, X509SignatureGenerator.CreateForRSA(weak, RSASignaturePadding.Pkcs1));
        IssuerSignatureSpecs.Expect(IssuerFault.Algorithm, SigningIssuer.Look(Sign(certificate), SigningIssuer.List(anchor: authority)));
    }

    [Fact]
    public void an_authority_that_is_no_more_valid_vouches_for_nobody()
    {
        var request = new CertificateRequest("CN=Racine", _root, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        using var authority = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1000), DateTimeOffset.UtcNow.AddDays(-1));
        using var certificate = Under(authority.SubjectName, X509SignatureGenerator.CreateForECDsa(_root));
        IssuerSignatureSpecs.Expect(IssuerFault.Expired, SigningIssuer.Look(Sign(certificate), SigningIssuer.List(anchor: authority)));
    }

    [Theory]
    [InlineData(-1, null)]
    [InlineData(-200, IssuerFault.Expired)]
    [InlineData(200, IssuerFault.Expired)]
    public void the_certificate_was_valid_on_the_day_that_the_signer_names(int day, IssuerFault? fault)
    {
        using var certificate = Certify(_key);
        var found = SigningIssuer.Look(Sign(certificate, signer => signer.SignedAttributes.Add(new Pkcs9SigningTime(DateTime.UtcNow.AddDays(day)))), SigningIssuer.List(anchor: certificate));
        Assert.Equal(fault, found.Fault);
        Assert.Equal(day, Math.Round((found.ClaimedAt!.Value - DateTimeOffset.UtcNow).TotalDays));
    }

    [Fact]
    public void what_is_said_twice_is_not_said()
    {
        using var certificate = Certify(_key);
        var message = Sign(certificate, signer =>
        {
            foreach (var value in new byte[][] { [0x05, 0x00], [0x01, 0x01, 0xFF] }) signer.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.3.4"), value));
        });
        IssuerSignatureSpecs.Expect(IssuerFault.Unreadable, SigningIssuer.Look(message, SigningIssuer.List(anchor: certificate)));
    }

    [Fact]
    public void without_a_time_in_the_message_the_files_own_counts()
    {
        using var certificate = Certify(_key);
        var prepared = SignedPdf.Prepare();
        var message = new SignedCms(new ContentInfo(SignedPdf.Signed(prepared)), detached: true);
        message.ComputeSignature(Signer(certificate, signer => signer.SignedAttributes.Add(Other)));
        var found = SigningIssuer.Look(SignedPdf.Fill(prepared, message.Encode()), SigningIssuer.List(anchor: certificate));
        Assert.Equal(IssuerVerdict.Valid, found.Verdict);
        Assert.Equal(new DateTimeOffset(2026, 10, 1, 6, 0, 0, TimeSpan.Zero), found.ClaimedAt);
    }

    [Theory]
    [InlineData("CAF\u202eFAC")]
    [InlineData("CAF\nMairie")]
    [InlineData("long")]
    public void a_name_that_can_not_be_shown_on_a_line_is_not(string name)
    {
        using var certificate = Certify(_key, name == "long" ? new string('a', IssuerSignature.LongestName + 1) : name);
        var found = SigningIssuer.Look(Sign(certificate), SigningIssuer.List(anchor: certificate));
        Assert.Equal((IssuerVerdict.Valid, null), (found.Verdict, found.Signer));
    }

    [Theory]
    [InlineData("certificates", IssuerFault.TooLarge)]
    [InlineData("bytes", IssuerFault.TooLarge)]
    [InlineData("signature beside", IssuerFault.TooLarge)]
    public void what_is_far_too_much_is_not_looked_at(string what, IssuerFault fault)
    {
        using var certificate = Certify(_key);
        var list = SigningIssuer.List(anchor: certificate);
        var found = what switch
        {
            "certificates" => SigningIssuer.Look(Sign(certificate, more: Enumerable.Range(0, 33).Select(number => Certify(_key, $"{number}"))), list),
            "bytes" => SigningIssuer.Look(Sign(certificate, more: [Certify(_key, "Large", new X509Extension("1.2.3.4", new byte[CmsShape.LongestFrame], critical: false))]), list),
            _ => SigningIssuer.LookBeside(s_content, new byte[CmsShape.LongestFrame + 1], list),
        };
        IssuerSignatureSpecs.Expect(fault, found);
    }

    /// <summary>Makes the platform sign attributes too, as whoever is to be recognised must.</summary>
    private static AsnEncodedData Other => new(new Oid("1.2.3.4"), [0x05, 0x00]);

    private static byte[] Sign(X509Certificate2 certificate, Action<CmsSigner>? with = null, IEnumerable<X509Certificate2>? more = null)
    {
        var message = new SignedCms(new ContentInfo(s_content));
        var signer = Signer(certificate, with ?? (signer => signer.SignedAttributes.Add(Other)));
        foreach (var other in more ?? []) signer.Certificates.Add(other);
        message.ComputeSignature(signer);
        return message.Encode();
    }

    private static CmsSigner Signer(X509Certificate2 certificate, Action<CmsSigner> with)
    {
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, certificate) { IncludeOption = X509IncludeOption.EndCertOnly };
        with(signer);
        return signer;
    }

    private static X509Certificate2 Certify(AsymmetricAlgorithm key, string name = "Signataire", X509Extension? more = null)
    {
        var subject = new X500DistinguishedNameBuilder();
        subject.AddCommonName(name);
        var request = key is RSA rsa
            ? new CertificateRequest(subject.Build(), rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(subject.Build(), (ECDsa)key, HashAlgorithmName.SHA256);
        if (more is not null) request.CertificateExtensions.Add(more);
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(100));
    }

    private static X509Certificate2 Authority(RSA key)
    {
        var request = new CertificateRequest("CN=Racine", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(100));
    }

    private X509Certificate2 Under(X500DistinguishedName issuer, X509SignatureGenerator generator)
    {
        var request = new CertificateRequest("CN=Signataire", _key, HashAlgorithmName.SHA256);
        using var bare = request.Create(issuer, generator, DateTimeOffset.UtcNow.AddDays(-100), DateTimeOffset.UtcNow.AddDays(50), [1, 2, 3]);
        return bare.CopyWithPrivateKey(_key);
    }
}
