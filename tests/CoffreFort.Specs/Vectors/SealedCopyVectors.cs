using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Vectors;

/// <summary>Sealed copies (docs/spec/sealed-copy.md). What is released of a document is its bytes, of a key the document key and the commitment secret.</summary>
internal static class SealedCopyVectors
{
    private static readonly byte[] s_document = Encoding.UTF8.GetBytes("Avis d’imposition 2025\n");
    private static readonly SealedFile s_file = new("avis d'imposition é.pdf", "application/pdf", Seeded.Id("document"), 3, Seeded.Id("consent event"));
    private static readonly SeededRecipient s_agency = SeededRecipient.Of("p-256"), s_rsa = SeededRecipient.Of("rsa-3072");
    private static readonly byte[] s_released = [.. Seeded.Bytes("document key", 32), .. Seeded.Bytes("commitment secret", 32)];

    public static IEnumerable<Vector> All() =>
        [.. Whole(), .. Headers(), .. Envelopes(), .. Keys(), .. RsaKeys(), .. Descriptions(), .. KeyProfile(), .. KeyPayloads(), .. MessageVectors.All(
            "sealed-document", CmsOid.ContentInfo, Envelope(), Header(), With(s_agency), s_document)];

    private static IEnumerable<Vector> Whole()
    {
        foreach (var kind in SeededRecipient.Kinds)
            yield return Document(kind, $"For a certificate on {kind.ToUpperInvariant()}.", null, Envelope(s_document, SeededRecipient.Of(kind)), Header(to: SeededRecipient.Of(kind)), SeededRecipient.Of(kind));
        yield return new("sealed-document", "empty", "A document of no bytes.", null, [], With(s_agency), SeededCms.Sign(CmsOid.ContentInfo, Envelope([]), Header(size: 0)));
        var byIdentifier = SeededCms.Seal(s_document, s_agency, "document").Encode();
        yield return Document("key-identifier", "The recipient is named by its subject key identifier.", null, Edit(byIdentifier, ByIdentifier), Header());
    }

    private static IEnumerable<Vector> Headers()
    {
        yield return Document("no-header", "It does not say that it is a sealed copy.", CmsFault.Kind, Envelope(), null);
        yield return Document("header-other-format", "The header's format is 2.", CmsFault.Unreadable, Envelope(), EditHeader(header => header[0].Content = [2]));
        yield return Document("header-other-profile", "The header's profile is 3.", CmsFault.Unreadable, Envelope(), EditHeader(header => header[1].Content = [3]));
        yield return Document("header-no-description", "The description is missing.", CmsFault.Unreadable, Envelope(), EditHeader(header => header.Children!.RemoveAt(2)));
        yield return Document("header-empty-description", "The description has no bytes.", CmsFault.Unreadable, Envelope(), EditHeader(header => header[2].Content = []));
        yield return Document("header-field-after", "A field follows in the header.", CmsFault.Unreadable, Envelope(), EditHeader(header => header.Children!.Add(DerNode.Of(5))));
        yield return Document("key-profile", "It holds a key, and a document is wanted.", CmsFault.Kind, KeyEnvelope(KeyJson()), new SealedCopyHeader(SealedCopyProfile.Key, default).Encode());
        yield return Document("receipt", "It is a receipt.", CmsFault.Kind, Envelope(), null, type: CmsOid.Receipt);
        yield return Document("not-encrypted", "The content is not encrypted.", CmsFault.Algorithm, DerNode.Sequence(DerNode.Oid(CmsOid.Data), DerNode.Parse(new byte[] { 0xA0, 2, 4, 0 })).Encode(), Header());
        yield return Document("not-an-envelope", "The content is no ContentInfo.", CmsFault.Unreadable, s_document, Header());
    }

    private static IEnumerable<Vector> Envelopes()
    {
        (string Name, string About, CmsFault Fault, Action<DerNode> Change)[] bad =
        [
            ("version-1", "The envelope's version is 1.", CmsFault.Unreadable, data => data[0].Content = [1]), ("no-recipient", "There is no recipient.", CmsFault.Unreadable, data => data[1].Children!.Clear()),
            ("two-recipients", "There are two recipients.", CmsFault.Unreadable, data => data[1].Children!.Add(data[1][0])), ("content-type", "The content is not plain data.", CmsFault.Unreadable, data => data[2][0] = DerNode.Oid(CmsOid.SignedData)),
            ("aes-128", "The cipher is AES-128-GCM.", CmsFault.Algorithm, data => data[2][1][0] = DerNode.Oid("2.16.840.1.101.3.4.1.6")), ("aes-cbc", "The cipher is AES-256-CBC.", CmsFault.Algorithm, data => data[2][1][0] = DerNode.Oid("2.16.840.1.101.3.4.1.42")),
            ("nonce-of-16", "The nonce has 16 bytes.", CmsFault.Unreadable, data => data[2][1][1][0].Content = new byte[16]), ("tag-said-12", "A tag of 12 bytes is announced.", CmsFault.Unreadable, data => data[2][1][1][1].Content = [12]),
            ("tag-unsaid", "The tag's length is left out: that would be 12.", CmsFault.Unreadable, data => data[2][1][1].Children!.RemoveAt(1)), ("tag-of-12", "The tag has 12 bytes.", CmsFault.Unreadable, data => data[3].Content = data[3].Content[..12]),
            ("attributes", "There are authenticated attributes.", CmsFault.Unreadable, data => data.Children!.Insert(3, DerNode.Parse(new byte[] { 0xA1, 2, 0x30, 0 }))), ("no-content", "The content is missing.", CmsFault.Unreadable, data => data[2].Children!.RemoveAt(2)),
            ("flip-content", "A bit of the ciphertext is another one, under a right seal.", CmsFault.Envelope, data => data[2][2].Content = data[2][2].Content.Flip(0)), ("flip-tag", "A bit of the tag is another one, under a right seal.", CmsFault.Envelope, data => data[3].Content = data[3].Content.Flip(-1)),
            ("flip-nonce", "A bit of the nonce is another one, under a right seal.", CmsFault.Envelope, data => data[2][1][1][0].Content = data[2][1][1][0].Content.Flip(0)),
        ];
        foreach (var (name, about, fault, change) in bad) yield return Document($"envelope-{name}", about, fault, Edit(Envelope(), change), Header());
        yield return Document("envelope-key-of-16", "The content key has 16 bytes.", CmsFault.Envelope, SeededCms.Seal(s_document, s_agency, "document", keyLength: 16).Encode(), Header());
    }

    private static IEnumerable<Vector> Keys()
    {
        (string Name, string About, CmsFault Fault, Action<DerNode> Change)[] bad =
        [
            ("version-2", "The recipient's version is 2.", CmsFault.Unreadable, one => one[0].Content = [2]), ("off-the-curve", "The ephemeral point is not on the curve.", CmsFault.Envelope, one => Point(one).Content = Point(one).Content.Flip(-1)),
            ("compressed", "The ephemeral point is compressed.", CmsFault.Envelope, one => Point(one).Content = [0, 2, .. Point(one).Content[2..34]]), ("infinity", "The ephemeral point is the one at infinity.", CmsFault.Envelope, one => Point(one).Content = [0, 0]),
            ("other-curve", "The ephemeral point is on P-384.", CmsFault.Envelope, one => Point(one).Content = [0, .. OtherPoint()]), ("sha-1-kdf", "The key derivation is with SHA-1.", CmsFault.Algorithm, one => one[2][0] = DerNode.Oid("1.3.133.16.840.63.0.2")),
            ("aes-128-wrap", "The key wrap is AES-128.", CmsFault.Algorithm, one => one[2][1][0] = DerNode.Oid("2.16.840.1.101.3.4.1.5")), ("user-keying-material", "There is user keying material.", CmsFault.Unreadable, one => one.Children!.Insert(2, DerNode.Parse(new byte[] { 0xA1, 3, 4, 1, 1 }))),
            ("flip-wrapped", "A bit of the wrapped key is another one.", CmsFault.Envelope, one => one[3][0][1].Content = one[3][0][1].Content.Flip(5)), ("cut-wrapped", "The wrapped key is a block short.", CmsFault.Envelope, one => one[3][0][1].Content = one[3][0][1].Content[..32]),
            ("other-serial", "The recipient's serial number is another one.", CmsFault.Recipient, one => one[3][0][0][1].Content = [7]),
        ];
        foreach (var (name, about, fault, change) in bad) yield return Document($"key-{name}", about, fault, Edit(Envelope(), data => change(data[1][0])), Header());
        yield return Document("key-empty-identifier", "The recipient is named by a key identifier of no bytes.", CmsFault.Unreadable, Edit(Envelope(), data => { ByIdentifier(data); data[1][0][3][0][0][0].Content = []; }), Header());
        yield return Document("key-other-recipient", "It is for another certificate.", CmsFault.Recipient, Envelope(), Header(), s_rsa);
    }

    private static IEnumerable<Vector> RsaKeys()
    {
        (string Name, string About, CmsFault Fault, Action<DerNode> Change)[] bad =
        [
            ("pkcs-1", "The content key is said to be encrypted with PKCS#1 v1.5.", CmsFault.Algorithm, one => one[2][0] = DerNode.Oid(CmsOid.RsaEncryption)), ("oaep-sha-1", "OAEP without parameters, which is SHA-1.", CmsFault.Algorithm, one => one[2][1].Children!.Clear()),
            ("oaep-mgf-sha-1", "OAEP without a mask's parameters, which is MGF1 with SHA-1.", CmsFault.Algorithm, one => one[2][1].Children!.RemoveAt(1)), ("oaep-sha-512", "OAEP with SHA-512.", CmsFault.Algorithm, one => one[2][1][0][0][0] = DerNode.Oid("2.16.840.1.101.3.4.2.3")),
            ("oaep-label", "OAEP with a label.", CmsFault.Unreadable, one => one[2][1].Children!.Add(DerNode.Parse(new byte[] { 0xA2, 3, 4, 1, 1 }))), ("flip-encrypted", "A bit of the encrypted key is another one.", CmsFault.Envelope, one => one[3].Content = one[3].Content.Flip(100)),
            ("cut-encrypted", "The encrypted key is a byte short.", CmsFault.Envelope, one => one[3].Content = one[3].Content[..^1]), ("encrypted-too-large", "The encrypted key is no number below the modulus.", CmsFault.Envelope, one => one[3].Content = [.. Enumerable.Repeat((byte)0xFF, 384)]),
        ];
        foreach (var (name, about, fault, change) in bad)
            yield return Document($"rsa-{name}", about, fault, Edit(Envelope(s_document, s_rsa), data => change(data[1][0])), Header(to: s_rsa), s_rsa);
    }

    private static IEnumerable<Vector> Descriptions()
    {
        (string Name, string About, string FileName)[] names =
        [
            ("slash", "a slash", "a/b.pdf"), ("backslash", "a backslash", "a\\b.pdf"), ("dots", "two dots", ".."), ("blank-end", "a blank at its end", "a.pdf "), ("reversed", "a character that reverses the direction of writing", "a\u202Efdp.exe"),
            ("empty", "nothing", ""), ("too-long", "256 bytes", new string('a', 256)), ("colon", "a colon", "C:a.pdf"), ("line-feed", "a line feed", "a\nb.pdf"),
        ];
        foreach (var (name, about, fileName) in names) yield return Document($"content-name-{name}", $"The file's name holds {about}.", CmsFault.Content, Envelope(), Header(s_file with { FileName = fileName }));
        yield return Document("content-other-size", "The size is not the document's.", CmsFault.Content, Envelope(), Header(size: s_document.Length + 1));
        yield return Document("content-media-type", "The media type holds a line feed.", CmsFault.Content, Envelope(), Header(s_file with { MediaType = "text/\nplain" }));
        yield return Document("content-unknown-name", "The description has a name that the format does not have.", CmsFault.Content, Envelope(), HeaderOf([.. DocumentPayload.Write(s_file, s_document.Length)[..^1], .. ",\"more\":1}"u8]));
        yield return Document("content-flip-description", "A bit of the description's tag is another one, under a right seal.", CmsFault.Envelope, Envelope(), FlippedDescription());
    }

    private static IEnumerable<Vector> KeyProfile()
    {
        yield return Key("key", "A document's key.", null, KeyJson());
        yield return Key("key-rsa-3072", "A document's key, for an RSA certificate.", null, KeyJson(), s_rsa);
        yield return Key("key-last-second", "A second before it expires.", null, KeyJson(key => key["expires"] = "2026-06-01T12:00:01Z"));
        yield return Key("key-expired", "It expires now.", CmsFault.Expired, KeyJson(key => key["expires"] = "2026-06-01T12:00:00Z"));
        yield return new("sealed-key", "document-profile", "It holds a document, and a key is wanted.", nameof(CmsFault.Kind), [], With(s_agency), SeededCms.Sign(CmsOid.ContentInfo, Envelope(), Header()));
        yield return new("sealed-key", "description", "There is a description, which the key profile does not have.", nameof(CmsFault.Unreadable), [], With(s_agency),
            SeededCms.Sign(CmsOid.ContentInfo, KeyEnvelope(KeyJson()), EditHeader(header => header[1].Content = [2])));
    }

    private static IEnumerable<Vector> KeyPayloads()
    {
        (string Name, string About, Action<JsonObject> Change)[] bad =
        [
            ("key-31", "The document key has 31 bytes.", key => key["documentKey"] = Convert.ToBase64String(new byte[31])), ("secret-33", "The commitment secret has 33 bytes.", key => key["commitmentSecret"] = Convert.ToBase64String(new byte[33])),
            ("other-context", "The context is another version's.", key => key["version"] = 4), ("other-vault", "The context is another vault's.", key => key["vault"] = Seeded.Id("another")), ("hash-31", "The ciphertext's hash has 31 bytes.", key => key["ciphertextSha256"] = Convert.ToBase64String(new byte[31])),
            ("commitment-31", "The commitment has 31 bytes.", key => key["commitment"] = Convert.ToBase64String(new byte[31])), ("length-56", "The ciphertext is as long as a header.", key => key["ciphertextLength"] = 56), ("other-format", "Another version of the format.", key => key["format"] = "coffrefort/sealed-key/v2"),
            ("name-slash", "The file's name holds a slash.", key => key["fileName"] = "a/b"), ("no-expiry", "There is no expiry.", key => key.Remove("expires")), ("unknown-name", "A name that the format does not have.", key => key["more"] = 1), ("not-base64", "The key is not base 64.", key => key["documentKey"] = "*"),
        ];
        foreach (var (name, about, change) in bad) yield return Key($"content-{name}", about, CmsFault.Content, KeyJson(change));
    }

    private static Vector Document(string name, string about, CmsFault? fault, byte[] content, byte[]? header, SeededRecipient? reader = null, string type = CmsOid.ContentInfo) =>
        new("sealed-document", name, about, fault?.ToString(), fault is null ? s_document : [], With(reader ?? s_agency), SeededCms.Sign(type, content, header));

    private static Vector Key(string name, string about, CmsFault? fault, byte[] json, SeededRecipient? agency = null) => new(
        "sealed-key", name, about, fault?.ToString(), fault is null ? s_released : [], With(agency ?? s_agency),
        SeededCms.Sign(CmsOid.ContentInfo, KeyEnvelope(json, agency), new SealedCopyHeader(SealedCopyProfile.Key, default).Encode()));

    private static JsonObject With(SeededRecipient recipient) => new()
    {
        ["anchors"] = new JsonArray(Convert.ToBase64String(SeededCertificate.Authority.RawData)),
        ["at"] = SeededCertificate.Now.UtcDateTime,
        ["recipientCertificate"] = Convert.ToBase64String(recipient.Certificate.RawData),
        ["recipientKey"] = Convert.ToBase64String(recipient.Key),
    };

    private static byte[] Envelope(byte[]? content = null, SeededRecipient? to = null) => SeededCms.Seal(content ?? s_document, to ?? s_agency, "document").Encode();

    private static byte[] KeyEnvelope(byte[] json, SeededRecipient? to = null) => SeededCms.Seal(json, to ?? s_agency, "key").Encode();

    private static byte[] Header(SealedFile? file = null, long? size = null, SeededRecipient? to = null) => HeaderOf(DocumentPayload.Write(file ?? s_file, size ?? s_document.Length), to);

    private static byte[] HeaderOf(byte[] json, SeededRecipient? to = null) => new SealedCopyHeader(SealedCopyProfile.Document, SeededCms.Seal(json, to ?? s_agency, "description").Encode()).Encode();

    private static byte[] FlippedDescription() => EditHeader(header => header[2].Content = header[2].Content.Flip(-1));

    private static byte[] EditHeader(Action<DerNode> change)
    {
        var header = DerNode.Parse(Header());
        change(header);
        return header.Encode();
    }

    /// <summary>Changes the AuthEnvelopedData of a ContentInfo.</summary>
    private static byte[] Edit(byte[] envelope, Action<DerNode> change)
    {
        var whole = DerNode.Parse(envelope);
        change(whole[1][0]);
        return whole.Encode();
    }

    private static void ByIdentifier(DerNode data)
    {
        var identifier = s_agency.Certificate.Extensions.OfType<X509SubjectKeyIdentifierExtension>().Single().SubjectKeyIdentifierBytes.ToArray();
        var named = DerNode.Parse(new byte[] { 0xA0, 2, 4, 0 });
        named[0].Content = identifier;
        data[1][0][3][0][0] = named;
    }

    private static DerNode Point(DerNode recipient) => recipient[1][0][1];

    private static byte[] OtherPoint()
    {
        using var other = new SeededKey("p384 point", p384: true).Agreement;
        return EllipticKey.Encode(other.ExportParameters(includePrivateParameters: false).Q);
    }

    private static byte[] KeyJson(Action<JsonObject>? change = null)
    {
        using var key = new DocumentKey(Seeded.Key("document key"), Seeded.Key("commitment secret"))
        {
            Identity = new DocumentIdentity(Seeded.Id("vault"), s_file.Document, s_file.Version),
            CiphertextLength = ContainerLayout.SealedLength(1000),
            CiphertextSha256 = Seeded.Bytes("ciphertext", 32),
            Commitment = Seeded.Bytes("commitment", 32),
            FileName = s_file.FileName,
            MediaType = s_file.MediaType,
            ConsentEvent = s_file.ConsentEvent,
            Expires = SeededCertificate.Now.AddDays(1),
        };
        if (change is null) return KeyPayload.Write(key);
        var json = JsonNode.Parse(KeyPayload.Write(key))!.AsObject();
        change(json);
        return Encoding.UTF8.GetBytes(json.ToJsonString());
    }
}
