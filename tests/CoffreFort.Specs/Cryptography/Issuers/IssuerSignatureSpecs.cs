using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.Specs.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Issuers;

/// <summary>What stock openssl signed is recognised, and whatever is wrong with it is told as what it is (docs/spec/issuer-signature.md).</summary>
public sealed class IssuerSignatureSpecs : IDisposable
{
    private static readonly byte[] s_content = "Attestation de quotient familial"u8.ToArray();

    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    public static TheoryData<string, string> Ways
    {
        get
        {
            var ways = new TheoryData<string, string>();
            foreach (var algorithm in SigningIssuer.Algorithms)
                foreach (var way in new[] { "-md sha256", "-md sha256 -cades", "-md sha512", "-md sha384 -stream", "-md sha256 -keyid" })
                    if (algorithm != "PSS" || !way.Contains("-stream", StringComparison.Ordinal)) ways.Add(algorithm, way);
            return ways;
        }
    }

    [Theory]
    [MemberData(nameof(Ways))]
    [Trait("Requirement", "R-040")]
    public void what_a_listed_issuer_signed_is_valid(string algorithm, string way)
    {
        var issuer = new SigningIssuer(algorithm);
        Recognised(SigningIssuer.Look(issuer.Sign(_openssl, s_content, more: way)));
        // What openssl streams holds its content, and it can't stream PSS.
        way = way.Replace("-stream", "", StringComparison.Ordinal);
        Recognised(SigningIssuer.Look(issuer.SignPdf(_openssl, SignedPdf.Prepare(), way)));
        var beside = issuer.Sign(_openssl, s_content, detached: true, way);
        Assert.True(IssuerVerification.IsDetached(beside), "Not taken for one.");
        Recognised(SigningIssuer.LookBeside(s_content, beside));
        Assert.Equal(IssuerFault.Content, SigningIssuer.LookBeside(s_content[1..], beside).Fault);
        foreach (var at in new[] { 1, 8, 30 }) Expect(IssuerFault.Signature, SigningIssuer.LookBeside(s_content, [.. beside[..^at], (byte)(beside[^at] ^ 1), .. beside[(beside.Length - at + 1)..]]));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public void a_signers_own_certificate_can_be_listed_and_an_authority_for_one_subject_only()
    {
        var issuer = new SigningIssuer("P-256");
        var message = issuer.Sign(_openssl, s_content);
        Recognised(SigningIssuer.Look(message, SigningIssuer.List(anchor: issuer.Certificate)), issuer.Certificate);
        Recognised(SigningIssuer.Look(message, SigningIssuer.List(subject: new() { ["2.5.4.97"] = "NTRFR-180000000" })));
        Expect(IssuerFault.Untrusted, SigningIssuer.Look(message, SigningIssuer.List(subject: new() { ["2.5.4.97"] = "NTRFR-180000001" })));
        Expect(IssuerFault.Untrusted, SigningIssuer.Look(message, SigningIssuer.List(subject: new() { ["2.5.4.97"] = "NTRFR-180000000", ["2.5.4.5"] = "1" })));
        Expect(IssuerFault.Untrusted, SigningIssuer.Look(new SigningIssuer("P-256", subject: "CN=X,OID.2.5.4.97=NTRFR-180000000,OID.2.5.4.97=NTRFR-1").Sign(_openssl, s_content),
            SigningIssuer.List(subject: new() { ["2.5.4.97"] = "NTRFR-180000000" })));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public void an_intermediate_authority_comes_along_or_the_signer_is_unknown()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var issuer = new SigningIssuer("P-256", X509KeyUsageFlags.DigitalSignature);
        _openssl.Write("other.pem", SigningIssuer.MakeAuthority("CN=Autre", key).ExportCertificatePem());
        Recognised(SigningIssuer.Look(issuer.Sign(_openssl, s_content, more: "-md sha256 -certfile other.pem")));
        var stranger = SigningIssuer.Look(issuer.Sign(_openssl, s_content), SigningIssuer.List(anchor: SigningIssuer.MakeAuthority("CN=Autorité des organismes", key)));
        Expect(IssuerFault.Untrusted, stranger);
        Assert.Equal("CAF du Finistère", stranger.Signer);
        Assert.Null(stranger.Issuer);
    }

    public static TheoryData<string, IssuerFault> Wrongs => new()
    {
        { "changed content", IssuerFault.Content }, { "damaged signature", IssuerFault.Signature }, { "cut off", IssuerFault.Unreadable }, { "bytes behind", IssuerFault.Unreadable },
        { "another kind", IssuerFault.OtherKind }, { "nobody listed", IssuerFault.Untrusted }, { "expired", IssuerFault.Expired }, { "not yet valid", IssuerFault.Expired },
        { "for certificates", IssuerFault.Usage }, { "for servers", IssuerFault.Usage }, { "SHA-1", IssuerFault.Algorithm }, { "RSA-1024", IssuerFault.Algorithm }, { "P-521", IssuerFault.Algorithm },
        { "long salt", IssuerFault.Algorithm }, { "two signers", IssuerFault.Several }, { "nested", IssuerFault.Several }, { "other type", IssuerFault.Form }, { "no certificate", IssuerFault.Form },
        { "no attributes", IssuerFault.Form }, { "detached alone", IssuerFault.Form },
    };

    [Theory]
    [MemberData(nameof(Wrongs))]
    [Trait("Requirement", "R-040")]
    public void each_fault_is_told_as_what_it_is(string wrong, IssuerFault fault)
    {
        var issuer = Issuer(wrong);
        var more = wrong switch
        {
            "SHA-1" => "-md sha1",
            "long salt" => "-md sha256 -keyopt rsa_padding_mode:pss -keyopt rsa_pss_saltlen:100",
            "other type" => "-md sha256 -econtent_type 1.2.3.4",
            "no certificate" => "-md sha256 -nocerts",
            "no attributes" => "-md sha256 -noattr",
            _ => "-md sha256",
        };
        var message = issuer.Sign(_openssl, s_content, wrong == "detached alone", more);
        message = wrong switch
        {
            "changed content" => Changed(message, s_content),
            "damaged signature" => [.. message[..^1], (byte)(message[^1] ^ 1)],
            "cut off" => message[..^40],
            "bytes behind" => [.. message, 0],
            "nested" => issuer.Sign(_openssl, message),
            "two signers" => Resign(message),
            _ => message,
        };
        Expect(fault, SigningIssuer.Look(message, wrong == "nobody listed" ? [] : null, wrong == "another kind" ? "passport" : SigningIssuer.Kind));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public void a_signature_bound_to_another_certificate_of_the_same_key_is_broken()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var (one, other) = (new SigningIssuer("P-256", key: key), new SigningIssuer("P-256", key: key));
        // A signature in DER is a byte shorter now and then.
        while (other.Certificate.RawData.Length != one.Certificate.RawData.Length) other = new SigningIssuer("P-256", key: key);
        var message = one.Sign(_openssl, s_content, more: "-md sha256 -cades -keyid");
        var at = message.AsSpan().IndexOf(one.Certificate.RawData);
        other.Certificate.RawData.CopyTo(message, at);
        Expect(IssuerFault.Signature, SigningIssuer.Look(message));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public void what_is_not_signed_has_no_verdict()
    {
        _openssl.Write("certificate.pem", SigningIssuer.Authority.ExportCertificatePem());
        _openssl.Run("crl2pkcs7 -nocrl -certfile certificate.pem -outform DER -out bundle.p7b");
        foreach (var document in new[] { [], "0"u8.ToArray(), s_content, "%PDF-1.7 nothing"u8.ToArray(), SigningIssuer.Authority.RawData, _openssl.Read("bundle.p7b") })
            Assert.Equal(IssuerSignature.None, SigningIssuer.Look(document));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public void what_is_too_long_is_not_looked_at()
    {
        var message = new SigningIssuer("P-256").Sign(_openssl, new byte[IssuerVerification.LongestDocument]);
        Expect(IssuerFault.TooLarge, SigningIssuer.Look(message));
    }

    private static SigningIssuer Issuer(string wrong) => wrong switch
    {
        "expired" => new SigningIssuer("P-256", from: -100, until: -1),
        "not yet valid" => new SigningIssuer("P-256", from: 1),
        "for certificates" => new SigningIssuer("P-256", X509KeyUsageFlags.KeyAgreement),
        "for servers" => new SigningIssuer("P-256", extended: "1.3.6.1.5.5.7.3.1"),
        "RSA-1024" => new SigningIssuer("RSA", key: RSA.Create(1024)),
        "P-521" => new SigningIssuer("P-521", key: ECDsa.Create(ECCurve.NamedCurves.nistP521)),
        "long salt" => new SigningIssuer("PSS"),
        _ => new SigningIssuer("P-256"),
    };

    private byte[] Resign(byte[] message)
    {
        _openssl.Write("once", message);
        new SigningIssuer("P-256").Sign(_openssl, s_content);
        _openssl.Run("cms -resign -binary -nodetach -inform DER -in once -signer signer.pem -md sha256 -outform DER -out twice");
        return _openssl.Read("twice");
    }

    private static byte[] Changed(byte[] message, byte[] content)
    {
        var changed = message.ToArray();
        changed[message.AsSpan().IndexOf(content)] ^= 1;
        return changed;
    }

    internal static void Expect(IssuerFault fault, IssuerSignature found)
    {
        Assert.Equal(fault, found.Fault);
        Assert.True(found.Verdict is not (IssuerVerdict.Valid or IssuerVerdict.None), "Taken.");
    }

    internal static void Recognised(IssuerSignature found, X509Certificate2? anchor = null)
    {
        Assert.Null(found.Fault);
        Assert.Equal(IssuerVerdict.Valid, found.Verdict);
        Assert.Equal("Caisse d'allocations familiales", found.Issuer);
        Assert.Equal("CAF du Finistère", found.Signer);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData((anchor ?? SigningIssuer.Authority).RawData)), found.Anchor);
        Assert.InRange(found.ClaimedAt!.Value, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(1));
    }
}
