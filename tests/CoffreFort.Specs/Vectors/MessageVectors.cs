using System.Text.Json.Nodes;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Vectors;

/// <summary>What can be wrong with the SignedData that receipts and sealed copies share (docs/spec/receipt.md §3 and §4).</summary>
internal static class MessageVectors
{
    private const int Version = 0, Digests = 1, Content = 2, Certificates = 3, Signers = 4;
    private const int SignerName = 1, SignerDigest = 2, SignerAttributes = 3, SignerAlgorithm = 4;

    /// <param name="format">Whose reader takes it.</param>
    /// <param name="type">The content's type.</param>
    /// <param name="content">A good content.</param>
    /// <param name="header">A sealed copy's header.</param>
    /// <param name="with">What goes with it.</param>
    /// <param name="released">What a good one releases.</param>
    public static IEnumerable<Vector> All(string format, string type, byte[] content, byte[]? header, JsonObject with, byte[] released)
    {
        Vector Of(string name, string about, CmsFault? fault, byte[] input) => new(format, $"message-{name}", about, fault?.ToString(), fault is null ? released : [], with, input);
        Vector Made(string name, string about, CmsFault? fault, SeededCms.Way way) => Of(name, about, fault, SeededCms.Sign(type, content, header, way));
        var good = SeededCms.Sign(type, content, header);
        yield return Of("empty", "There is nothing.", CmsFault.Unreadable, []);
        yield return Of("byte-after", "A byte follows.", CmsFault.Unreadable, [.. good, 0]);
        yield return Of("cut", "The last byte is missing.", CmsFault.Unreadable, good[..^1]);
        yield return Of("long-length", "The outer length is written in a byte more than it needs.", CmsFault.Unreadable, [good[0], 0x83, 0, .. good[2..]]);
        yield return Of("indefinite", "The outer length is indefinite (BER).", CmsFault.Unreadable, [good[0], 0x80, .. good[4..], 0, 0]);
        foreach (var (name, about, fault, change) in Changes()) yield return Made(name, about, fault, new SeededCms.Way { Data = change });
        foreach (var (name, about, fault, change) in AttributeChanges()) yield return Made(name, about, fault, new SeededCms.Way { Attributes = change });
        yield return Made("signed-as-implicit", "The signature is over the attributes as they stand in the message, not as a SET OF.", CmsFault.Signature, new SeededCms.Way { Signed = attributes => [0xA0, .. attributes[1..]] });
        yield return Made("signed-content", "The signature is over the content itself.", CmsFault.Signature, new SeededCms.Way { Signed = _ => content });
        yield return Made("other-key", "Another key has signed.", CmsFault.Signature, new SeededCms.Way { Key = new SeededKey("another") });
        yield return Made("negated-signature", "The signature's last byte is another one.", CmsFault.Signature, new SeededCms.Way { Message = message => message with { Signature = message.Signature.ToArray().Flip(-1) } });
        yield return Made("signature-negative", "r is negative.", CmsFault.Unreadable, new SeededCms.Way { Message = message => message with { Signature = Negative(message.Signature.ToArray()) } });
        yield return Made("signature-byte-after", "A byte follows the signature's pair.", CmsFault.Unreadable, new SeededCms.Way { Message = message => message with { Signature = (byte[])[.. message.Signature.ToArray(), 0] } });
    }

    private static IEnumerable<(string Name, string About, CmsFault? Fault, Action<DerNode> Change)> Changes() =>
    [
        ("version-1", "The version is 1.", CmsFault.Unreadable, data => data[Version].Content = [1]),
        ("no-digest-algorithm", "No digest algorithm is named.", CmsFault.Unreadable, data => data[Digests].Children!.Clear()),
        ("sha-512", "The digest algorithm is SHA-512.", CmsFault.Algorithm, data => data[Digests][0][0] = DerNode.Oid("2.16.840.1.101.3.4.2.3")),
        ("digest-parameters", "The digest algorithm has parameters, NULL.", CmsFault.Unreadable, data => data[Digests][0].Children!.Add(DerNode.Of(5))),
        ("detached", "There is no content.", CmsFault.Unreadable, data => data[Content].Children!.RemoveAt(1)),
        ("content-changed", "A bit of the content is another one.", CmsFault.Signature, data => data[Content][1][0].Content = data[Content][1][0].Content.Flip(-1)),
        ("content-type-changed", "The content is said to be plain data.", CmsFault.Kind, data => data[Content][0] = DerNode.Oid(CmsOid.Data)),
        ("no-certificates", "No certificate comes along.", CmsFault.Unreadable, data => data.Children!.RemoveAt(Certificates)),
        ("no-certificate-in-set", "The set of certificates is empty.", CmsFault.Signature, data => data[Certificates].Children!.Clear()),
        ("revocation-list", "Revocation lists come along.", CmsFault.Unreadable, data => data.Children!.Insert(Signers, DerNode.Parse(new byte[] { 0xA1, 2, 0x30, 0 }))),
        ("no-signer", "There is no signature.", CmsFault.Unreadable, data => data[Signers].Children!.Clear()),
        ("two-signers", "There are two signatures.", CmsFault.Unreadable, data => data[Signers].Children!.Add(data[Signers][0])),
        ("signer-version-3", "The signer's version is 3.", CmsFault.Unreadable, data => data[Signers][0][0].Content = [3]),
        ("signer-other-serial", "The signer's serial number is another one.", CmsFault.Signature, data => data[Signers][0][SignerName][1].Content = [1, 2, 3]),
        ("signer-sha-1", "The signer's digest algorithm is SHA-1.", CmsFault.Algorithm, data => data[Signers][0][SignerDigest][0] = DerNode.Oid("1.3.14.3.2.26")),
        ("signer-rsa", "The signature algorithm is RSA.", CmsFault.Algorithm, data => data[Signers][0][SignerAlgorithm][0] = DerNode.Oid("1.2.840.113549.1.1.11")),
        ("signer-algorithm-parameters", "The signature algorithm has parameters.", CmsFault.Unreadable, data => data[Signers][0][SignerAlgorithm].Children!.Add(DerNode.Of(5))),
        ("no-attributes", "There are no signed attributes.", CmsFault.Unreadable, data => data[Signers][0].Children!.RemoveAt(SignerAttributes)),
        ("attributes-unsorted", "The signed attributes are in another order than DER has.", CmsFault.Unreadable, data => data[Signers][0][SignerAttributes].Children!.Reverse()),
        ("unsigned-attribute", "There is an unsigned attribute that is no timestamp.", CmsFault.Unreadable, data => data[Signers][0].Children!.Add(Unsigned(CmsOid.SigningTime))),
        ("countersignature", "There is a countersignature.", CmsFault.Unreadable, data => data[Signers][0].Children!.Add(Unsigned("1.2.840.113549.1.9.6"))),
        ("field-after", "A field follows the signer's.", CmsFault.Unreadable, data => data.Children!.Add(DerNode.Of(5))),
    ];

    private static IEnumerable<(string Name, string About, CmsFault? Fault, Action<DerNode> Change)> AttributeChanges() =>
    [
        ("unknown-attribute", "A signed attribute that nobody knows is tolerated.", null, set => set.Children!.Add(DerNode.Sequence(DerNode.Oid("1.2.3.4"), DerNode.Parse(new byte[] { 0x31, 2, 5, 0 })))),
        ("attribute-twice", "A signed attribute is there twice.", CmsFault.Unreadable, set => set.Children!.Add(Find(set, CmsOid.SigningTime))),
        ("no-content-type", "The content's type is not signed.", CmsFault.Unreadable, set => set.Children!.Remove(Find(set, CmsOid.ContentType))),
        ("no-digest", "The content's digest is not signed.", CmsFault.Unreadable, set => set.Children!.Remove(Find(set, CmsOid.MessageDigest))),
        ("no-time", "There is no signing time.", CmsFault.Unreadable, set => set.Children!.Remove(Find(set, CmsOid.SigningTime))),
        ("no-signing-certificate", "The signer's certificate is not signed.", CmsFault.Unreadable, set => set.Children!.Remove(Find(set, CmsOid.SigningCertificateV2))),
        ("other-content-type", "The signed content type is plain data.", CmsFault.Signature, set => Find(set, CmsOid.ContentType)[1][0] = DerNode.Oid(CmsOid.Data)),
        ("other-digest", "The signed digest is another content's.", CmsFault.Signature, set => Find(set, CmsOid.MessageDigest)[1][0].Content = new byte[32]),
        ("digest-of-20", "The signed digest has 20 bytes.", CmsFault.Signature, set => Find(set, CmsOid.MessageDigest)[1][0].Content = new byte[20]),
        ("other-signing-certificate", "The signed certificate is one that does not come along.", CmsFault.Signature, set => Find(set, CmsOid.SigningCertificateV2)[1][0][0][0][0].Content = new byte[32]),
        ("two-values", "A signed attribute has two values.", CmsFault.Unreadable, set => Find(set, CmsOid.MessageDigest)[1].Children!.Add(DerNode.Of(4, new byte[32]))),
    ];

    private static DerNode Find(DerNode set, string type) => set.Children!.Single(one => one[0].Encode().AsSpan().SequenceEqual(DerNode.Oid(type).Encode()));

    private static DerNode Unsigned(string type)
    {
        var set = DerNode.Parse(new byte[] { 0xA1, 2, 5, 0 });
        set[0] = DerNode.Sequence(DerNode.Oid(type), DerNode.Parse(new byte[] { 0x31, 2, 5, 0 }));
        return set;
    }

    /// <summary>A pair whose first number has its sign bit set.</summary>
    private static byte[] Negative(byte[] signature)
    {
        var pair = DerNode.Parse(signature);
        pair[0].Content = [0x81, .. new byte[31]];
        return pair.Encode();
    }
}
