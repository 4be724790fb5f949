using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>An authority that makes the mistake it is told to make, and no other.</summary>
internal sealed class CraftedAuthority
{
    private static readonly X509Certificate2 Root = SelfSigned("CN=Crafted CA");

    public static TimestampTrust Trust { get; } = new([Root], OpenSslAuthority.Policy, TimeSpan.FromMinutes(1));

    public bool WrongNonce { get; init; }

    public bool WrongImprint { get; init; }

    public string Policy { get; init; } = OpenSslAuthority.Policy;

    public bool NoUsage { get; init; }

    public bool ExpiredCertificate { get; init; }

    public bool OtherRoot { get; init; }

    public bool NoSigningCertificate { get; init; }

    public bool WrongSignature { get; init; }

    public TimeSpan ClockOff { get; init; }

    public int Status { get; init; }

    public byte[] Reply(byte[] request)
    {
        Assert.True(Rfc3161TimestampRequest.TryDecode(request, out var asked, out _));
        var hash = WrongImprint ? SHA256.HashData("another"u8) : asked.GetMessageHash().ToArray();
        var nonce = WrongNonce ? RandomNumberGenerator.GetBytes(8) : asked.GetNonce()!.Value.ToArray();
        if (WrongNonce) nonce[0] = 1;
        var info = new Rfc3161TimestampTokenInfo(new Oid(Policy), asked.HashAlgorithmId, hash, new byte[] { 7 }, DateTimeOffset.UtcNow + ClockOff, nonce: nonce);
        var token = Sign(info.Encode());
        // The signature is the last thing in a token without unsigned attributes.
        if (WrongSignature) token[^1] ^= 1;
        return Wrapped(token);
    }

    private byte[] Sign(byte[] info)
    {
        using var signer = Signer();
        var cms = new SignedCms(new ContentInfo(new Oid("1.2.840.113549.1.9.16.1.4"), info));
        var how = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, signer) { IncludeOption = X509IncludeOption.EndCertOnly };
        if (!NoSigningCertificate) how.SignedAttributes.Add(new AsnEncodedData(new Oid("1.2.840.113549.1.9.16.2.47"), SigningCertificate(signer)));
        cms.ComputeSignature(how);
        return cms.Encode();
    }

    /// <summary>ESSCertIDv2 with the default SHA-256: SEQUENCE of certificates of SEQUENCE of hash.</summary>
    private static byte[] SigningCertificate(X509Certificate2 signer)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        using (writer.PushSequence())
            writer.WriteOctetString(SHA256.HashData(signer.RawData));
        return writer.Encode();
    }

    private byte[] Wrapped(byte[] token)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            using (writer.PushSequence()) writer.WriteInteger(Status);
            if (Status < 2) writer.WriteEncodedValue(token);
        }

        return writer.Encode();
    }

    private X509Certificate2 Signer()
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest("CN=Crafted TSA", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        if (!NoUsage) request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid("1.3.6.1.5.5.7.3.8")], critical: true));
        var issuer = OtherRoot ? SelfSigned("CN=Somebody") : Root;
        var now = DateTimeOffset.UtcNow;
        using var made = request.Create(issuer, now.AddDays(-20), ExpiredCertificate ? now.AddDays(-1) : now.AddDays(20), [1, 2, 3, 4]);
        return made.CopyWithPrivateKey(key);
    }

    private static X509Certificate2 SelfSigned(string subject)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-30), DateTimeOffset.UtcNow.AddDays(30));
    }
}
