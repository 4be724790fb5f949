using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Specs.Vectors;

/// <summary>Receipts (docs/spec/receipt.md). What is released of a good one is its JSON.</summary>
internal static class ReceiptVectors
{
    private static readonly string s_hash = Seeded.Hex(Seeded.Bytes("ciphertext", 32));
    private static readonly Receipt s_bare = new(Seeded.Id("event"), 1234, Seeded.Bytes("leaf", 32), SeededCertificate.Now);
    private static readonly Receipt s_deposit = s_bare with { Deposit = new DepositStatement($"{Seeded.Id("document")}:1", Seeded.Id("holder"), SeededCertificate.Now, 4567, "SHA-256", s_hash) };
    private static readonly byte[] s_json = ReceiptPayload.Write(s_deposit);

    public static IEnumerable<Vector> All() => [.. Whole(), .. Signers(), .. Stamps(), .. Payloads(), .. MessageVectors.All("receipt", CmsOid.Receipt, s_json, null, With(), s_json)];

    private static IEnumerable<Vector> Whole()
    {
        var fingerprint = Seeded.Hex(Seeded.Bytes("certificate", 32));
        (string Name, string About, Receipt Receipt)[] good =
        [
            ("deposit", "A deposit.", s_deposit), ("access", "A reading by the holder.", s_bare with { Access = new AccessStatement(Seeded.Id("document"), 1, Seeded.Id("holder")) }),
            ("access-by-an-agency", "A reading by an agency, sealed for its certificate.", s_bare with { Access = new AccessStatement(Seeded.Id("document"), 2, Seeded.Id("clerk"), Seeded.Id("agency"), Seeded.Id("consent"), fingerprint) }),
            ("erasure", "The erasure of a vault.", s_bare with { Erasure = new ErasureStatement(Seeded.Id("vault"), 12, 25, SeededCertificate.Now, SeededCertificate.Now.AddDays(38)) }),
            ("erasure-of-a-document", "The erasure of a document.", s_bare with { Erasure = new ErasureStatement(Seeded.Id("vault"), 1, 2, SeededCertificate.Now, SeededCertificate.Now, Seeded.Id("document")) }),
        ];
        foreach (var (name, about, receipt) in good)
        {
            var json = ReceiptPayload.Write(receipt);
            yield return new("receipt", name, about, null, json, With(), SeededCms.Sign(CmsOid.Receipt, json));
        }

        yield return Of("seal-itself-trusted", "The anchor is the seal's certificate itself.", null, with: With(SeededCertificate.Seal));
        yield return Of("issuer-comes-along", "The issuer's certificate comes along.", null, new SeededCms.Way { Others = [SeededCertificate.Authority] });
        yield return Of("signed-after-2049", "The signing time is a GeneralizedTime.", null, new SeededCms.Way { Time = new DateTimeOffset(2050, 1, 1, 0, 0, 0, TimeSpan.Zero) });
    }

    private static IEnumerable<Vector> Signers()
    {
        var another = new SeededKey("another");
        yield return Of("untrusted", "The anchor is another certificate.", CmsFault.Untrusted, with: With(SeededCertificate.Make("CN=Another", SeededCertificate.Of(another), null, SeededCertificate.Extensions(X509KeyUsageFlags.KeyCertSign, authority: true), signer: another)));
        yield return Of("forged-issuer", "The seal's certificate names the anchor as its issuer, and another key signed it.", CmsFault.Untrusted, By(SeededCertificate.Make("CN=Vectors seal", SeededCertificate.Of(SeededCertificate.SealKey), SeededCertificate.Authority, SeededCertificate.Extensions(X509KeyUsageFlags.DigitalSignature), signer: another)));
        yield return Of("not-for-signing", "The seal's certificate is for key agreement.", CmsFault.Untrusted, By(SeededCertificate.SealWith(X509KeyUsageFlags.KeyAgreement)));
        yield return Of("p-384", "The seal's key is on P-384.", CmsFault.Untrusted, By(SeededCertificate.SealWith(key: new SeededKey("seal 384", p384: true))));
        yield return Of("expired", "The seal's certificate was valid until the day before.", CmsFault.SignerExpired, By(SeededCertificate.SealWith(until: SeededCertificate.Now.AddDays(-1))));
        yield return Of("not-yet-valid", "The seal's certificate is valid from the day after on.", CmsFault.SignerExpired, By(SeededCertificate.SealWith(from: SeededCertificate.Now.AddDays(1))));
    }

    private static IEnumerable<Vector> Stamps()
    {
        var expired = SeededCertificate.SealWith(until: SeededCertificate.Now.AddHours(1));
        var late = SeededCertificate.Now.AddYears(2);
        yield return Of("timestamp", "With a timestamp, of an authority that is relied on.", null, Stamped(new()), Stamps(SeededCertificate.Now));
        yield return Of("timestamp-in-itself", "With a timestamp, where no authority is relied on.", null, Stamped(new()));
        yield return Of("timestamp-outlives", "The seal's certificate has expired since, and the timestamp is from before.", null, Stamped(new(), expired), Stamps(late));
        yield return Of("timestamp-too-late", "The seal's certificate had expired when the timestamp was made.", CmsFault.SignerExpired, Stamped(new() { Time = late.AddDays(-1) }, expired), Stamps(late));
        yield return Of("timestamp-not-relied-on", "The seal's certificate has expired since, and no authority is relied on.", CmsFault.SignerExpired, Stamped(new(), expired), With(at: late));
        yield return Of("timestamp-before-signing", "The timestamp is from before the signing time.", CmsFault.Timestamp, Stamped(new() { Time = SeededCertificate.Now.AddDays(-1) }), Stamps(SeededCertificate.Now));
        yield return Of("timestamp-of-another", "The timestamp is over something else.", CmsFault.Timestamp, new SeededCms.Way { Message = message => message with { Timestamp = SeededStamp.Token([1]) } });
        yield return Of("timestamp-damaged", "A bit of the timestamp's signature is another one.", CmsFault.Timestamp, new SeededCms.Way { Message = message => message with { Timestamp = SeededStamp.Token(message.Signature.ToArray()).Flip(-1) } });
        yield return Of("timestamp-other-policy", "The timestamp was made under another policy.", CmsFault.Timestamp, Stamped(new() { Policy = "1.2.3.4" }), Stamps(SeededCertificate.Now));
    }

    private static IEnumerable<Vector> Payloads()
    {
        (string Name, string About, Func<string, string> Change)[] bad =
        [
            ("unknown-name", "A name that the format does not have.", json => json[..^1] + ",\"more\":1}"), ("name-twice", "A name stands there twice.", json => json[..^1] + ",\"position\":1234}"),
            ("capital-name", "A name is in capitals.", json => json.Replace("\"position\"", "\"Position\"", StringComparison.Ordinal)), ("no-event", "The event is missing.", json => json.Replace($"\"event\":\"{Seeded.Id("event")}\",", "", StringComparison.Ordinal)),
            ("other-format", "Another version of the format.", json => json.Replace("receipt/v1", "receipt/v2", StringComparison.Ordinal)), ("states-nothing", "It states nothing.", json => json[..json.IndexOf(",\"deposit\"", StringComparison.Ordinal)] + "}"),
            ("states-two-things", "It states two things.", json => json[..^1] + $",\"erasure\":{{\"vault\":\"{Seeded.Id("vault")}\",\"documents\":1,\"keys\":1,\"erasedAt\":\"2026-06-01T12:00:00Z\",\"finalAt\":\"2026-06-01T12:00:00Z\"}}}}"),
            ("position-0", "The position is 0.", json => json.Replace("\"position\":1234", "\"position\":0", StringComparison.Ordinal)), ("position-text", "The position is a text.", json => json.Replace("\"position\":1234", "\"position\":\"1234\"", StringComparison.Ordinal)),
            ("leaf-capitals", "The leaf's hash is in capitals.", json => json.Replace(Seeded.Hex(Seeded.Bytes("leaf", 32)), Convert.ToHexString(Seeded.Bytes("leaf", 32)), StringComparison.Ordinal)),
            ("leaf-31", "The leaf's hash has 31 bytes.", json => json.Replace(Seeded.Hex(Seeded.Bytes("leaf", 32)), Seeded.Hex(Seeded.Bytes("leaf", 31)), StringComparison.Ordinal)),
            ("no-zone", "An instant has no Z.", json => json.Replace("12:00:00Z\",\"deposit", "12:00:00\",\"deposit", StringComparison.Ordinal)), ("offset", "An instant is not in UTC.", json => json.Replace("12:00:00Z\",\"deposit", "14:00:00+02:00\",\"deposit", StringComparison.Ordinal)),
            ("size-negative", "The size is negative.", json => json.Replace("\"size\":4567", "\"size\":-1", StringComparison.Ordinal)), ("other-hash-algorithm", "Another hash.", json => json.Replace("SHA-256", "SHA-512", StringComparison.Ordinal)),
            ("object-id-space", "The object's id holds a space.", json => json.Replace(":1\",\"depositorId", " 1\",\"depositorId", StringComparison.Ordinal)), ("comment", "A comment.", json => json[..^1] + "/**/}"), ("trailing-comma", "A comma too many.", json => json[..^1] + ",}"),
            ("not-json", "It is no JSON.", _ => "receipt"), ("array", "It is a list.", json => $"[{json}]"), ("null", "It is null.", _ => "null"), ("value-after", "A value follows.", json => json + "1"),
        ];
        foreach (var (name, about, change) in bad)
        {
            var json = change(Encoding.UTF8.GetString(s_json));
            if (json.AsSpan().SequenceEqual(Encoding.UTF8.GetString(s_json))) throw new InvalidOperationException($"{name} changes nothing.");
            yield return new("receipt", $"content-{name}", about, nameof(CmsFault.Content), [], With(), SeededCms.Sign(CmsOid.Receipt, Encoding.UTF8.GetBytes(json)));
        }

        var final = s_bare with { Erasure = new ErasureStatement(Seeded.Id("vault"), 1, 1, SeededCertificate.Now, SeededCertificate.Now.AddSeconds(-1)) };
        yield return new("receipt", "content-final-before-erased", "An erasure is final before it was done.", nameof(CmsFault.Content), [], With(), SeededCms.Sign(CmsOid.Receipt, ReceiptPayload.Write(final)));
        yield return new("receipt", "content-not-utf8", "A byte is not UTF-8.", nameof(CmsFault.Content), [], With(), SeededCms.Sign(CmsOid.Receipt, [.. s_json[..^2], 0xFF, .. s_json[^2..]]));
    }

    private static SeededCms.Way By(X509Certificate2 certificate) => new() { Certificate = certificate, Key = certificate.PublicKey.EncodedKeyValue.RawData.Length > 65 ? new SeededKey("seal 384") : SeededCertificate.SealKey };

    private static SeededCms.Way Stamped(SeededStamp.Way stamp, X509Certificate2? certificate = null) => new()
    {
        Certificate = certificate ?? SeededCertificate.Seal,
        Message = message => message with { Timestamp = SeededStamp.Token(message.Signature.ToArray(), stamp) },
    };

    private static Vector Of(string name, string about, CmsFault? fault, SeededCms.Way? way = null, JsonObject? with = null) =>
        new("receipt", name, about, fault?.ToString(), fault is null ? s_json : [], with ?? With(), SeededCms.Sign(CmsOid.Receipt, s_json, way: way));

    private static JsonObject Stamps(DateTimeOffset at)
    {
        var with = With(at: at);
        with["timestampAnchors"] = new JsonArray(Convert.ToBase64String(SeededCertificate.Authority.RawData));
        with["timestampPolicy"] = SeededStamp.Policy;
        return with;
    }

    private static JsonObject With(X509Certificate2? anchor = null, DateTimeOffset? at = null) => new()
    {
        ["anchors"] = new JsonArray(Convert.ToBase64String((anchor ?? SeededCertificate.Authority).RawData)),
        ["at"] = (at ?? SeededCertificate.Now).UtcDateTime,
    };
}
