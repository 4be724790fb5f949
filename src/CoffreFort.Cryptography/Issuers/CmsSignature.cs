using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>A stranger's signature over some content, verified; who signed is not judged yet (docs/spec/issuer-signature.md §5).</summary>
/// <param name="Signer">The signer's certificate.</param>
/// <param name="Others">What else came along.</param>
/// <param name="ClaimedAt">When they signed by their own word.</param>
internal sealed record CmsSignature(X509Certificate2 Signer, X509Certificate2Collection Others, DateTimeOffset? ClaimedAt)
{
    /// <summary>A signature over content that stands beside it.</summary>
    /// <param name="message">The message; zeros may follow.</param>
    /// <param name="content">What it must be over.</param>
    public static (CmsSignature? Signature, IssuerFault? Fault) Detached(ReadOnlyMemory<byte> message, byte[] content)
    {
        var (shape, fault) = ShapeOf(message);
        return shape is null ? (null, fault) : Verify(message[..shape.Length], shape, new SignedCms(new ContentInfo(content), detached: true));
    }

    /// <summary>The same where the message is alone in its file, and only the content's hash is at hand.</summary>
    /// <param name="message">The message, and nothing behind it.</param>
    /// <param name="digest">The content's hash, of the kind that the message names.</param>
    public static (CmsSignature? Signature, IssuerFault? Fault) OverDigest(ReadOnlyMemory<byte> message, byte[] digest)
    {
        var (shape, fault) = ShapeOf(message);
        if (shape is null) return (null, fault);
        return shape.Length == message.Length ? Verify(message, shape, new SignedCms(new ContentInfo([]), detached: true), digest) : (null, IssuerFault.Unreadable);
    }

    private static (CmsShape? Shape, IssuerFault? Fault) ShapeOf(ReadOnlyMemory<byte> message)
    {
        var (shape, fault) = CmsShape.Read(message);
        if (shape is null) return (null, fault);
        if (message.Span[shape.Length..].ContainsAnyExcept((byte)0)) return (null, IssuerFault.Unreadable);
        // The platform would verify what is inside, and the document beside it might be any.
        return shape.HasContent ? (null, IssuerFault.Form) : (shape, null);
    }

    /// <summary>A signature with its content inside.</summary>
    public static (CmsSignature? Signature, IssuerFault? Fault) Attached(ReadOnlyMemory<byte> message)
    {
        var (shape, fault) = CmsShape.Read(message);
        if (shape is null) return (null, fault);
        if (shape.Length != message.Length) return (null, IssuerFault.Unreadable);
        // Certificates go about in such a message too, and a signature without what it is over says nothing of this document.
        if (shape.Signers > 0 && !shape.HasContent) return (null, IssuerFault.Form);
        return shape.Signers == 0 ? (null, null) : Verify(message, shape, new SignedCms());
    }

    /// <param name="message">The message, and nothing behind it.</param>
    /// <param name="shape">Its outline.</param>
    /// <param name="cms">For the platform's reader.</param>
    /// <param name="digest">The content's hash, where the content itself is not at hand.</param>
    private static (CmsSignature? Signature, IssuerFault? Fault) Verify(ReadOnlyMemory<byte> message, CmsShape shape, SignedCms cms, byte[]? digest = null)
    {
        if (shape is not { Signers: 1, First: { } first }) return (null, shape.Signers == 0 ? IssuerFault.Unreadable : IssuerFault.Several);
        try
        {
            cms.Decode(message.Span);
            var content = cms.ContentInfo.Content;
            if (!cms.Detached && SignatureTrace.IsMessage(content)) return (null, IssuerFault.Several);
            var info = cms.SignerInfos[0];
            if (info.Certificate is not { } signer) return (null, IssuerFault.Form);
            if (SignatureStrength.HashOf(info, first.Parameters) is not { } hash || !SignatureStrength.IsStrong(signer.PublicKey, info.SignatureAlgorithm.Value!)) return (null, IssuerFault.Algorithm);
            // The platform verifies nothing with a key that is for something else, and nor should anybody.
            if (!SigningUsage.Is(signer)) return (null, IssuerFault.Usage);
            var attributes = Attributes(info);
            if (attributes.Count == 0) return (null, IssuerFault.Form);
            if (Wrong(attributes, digest ?? CryptographicOperations.HashData(hash, content), signer) is { } fault) return (null, fault);
            if (digest is null) info.CheckSignature(verifySignatureOnly: true);
            else if (!SignatureStrength.Holds(signer.PublicKey, info.SignatureAlgorithm.Value!, hash, first.Signed(), first.Signature)) return (null, IssuerFault.Signature);
            return (new CmsSignature(signer, cms.Certificates, ClaimedTime(attributes)), null);
        }
        catch (CryptographicException)
        {
            return (null, IssuerFault.Signature);
        }
        catch (Exception failure) when (failure is AsnContentException or InvalidOperationException or ArgumentException)
        {
            return (null, IssuerFault.Unreadable);
        }
    }

    /// <summary>Each attribute's one value.</summary>
    /// <exception cref="AsnContentException">One stands twice, or has none or several values.</exception>
    private static Dictionary<string, ReadOnlyMemory<byte>> Attributes(SignerInfo info)
    {
        var attributes = new Dictionary<string, ReadOnlyMemory<byte>>();
        foreach (var attribute in info.SignedAttributes)
            if (attribute.Values.Count != 1 || !attributes.TryAdd(attribute.Oid.Value!, attribute.Values[0].RawData)) throw new AsnContentException();
        return attributes;
    }

    private static IssuerFault? Wrong(Dictionary<string, ReadOnlyMemory<byte>> attributes, byte[] hashed, X509Certificate2 signer)
    {
        if (!attributes.TryGetValue(CmsOid.ContentType, out var type) || !attributes.TryGetValue(CmsOid.MessageDigest, out var digest)) return IssuerFault.Unreadable;
        if (Reader(type).ReadObjectIdentifier() != CmsOid.Data) return IssuerFault.Signature;
        if (!hashed.AsSpan().SequenceEqual(Reader(digest).ReadOctetString())) return IssuerFault.Content;
        return attributes.TryGetValue(CmsOid.SigningCertificateV2, out var bound) && !Binds(Reader(bound), signer) ? IssuerFault.Signature : null;
    }

    /// <summary>SigningCertificateV2 (RFC 5035 §3): the first is the signer's.</summary>
    private static bool Binds(AsnReader attribute, X509Certificate2 signer)
    {
        var first = attribute.ReadSequence().ReadSequence().ReadSequence();
        var hash = HashAlgorithmName.SHA256;
        if (first.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence))
        {
            if (SignatureStrength.Hash(first.ReadSequence().ReadObjectIdentifier()) is not { } named) return false;
            hash = named;
        }

        return CryptographicOperations.HashData(hash, signer.RawDataMemory.Span).AsSpan().SequenceEqual(first.ReadOctetString());
    }

    private static DateTimeOffset? ClaimedTime(Dictionary<string, ReadOnlyMemory<byte>> attributes)
    {
        if (!attributes.TryGetValue(CmsOid.SigningTime, out var time)) return null;
        var reader = Reader(time);
        return reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime(twoDigitYearMax: 2049) : reader.ReadGeneralizedTime();
    }

    private static AsnReader Reader(ReadOnlyMemory<byte> value) => new(value, AsnEncodingRules.BER);
}
