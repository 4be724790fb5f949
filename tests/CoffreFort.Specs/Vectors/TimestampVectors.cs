using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Vectors;

/// <summary>RFC 3161 tokens over some data, and replies around them. What is released of a good one is its time, as seconds since 1970 in decimal.</summary>
internal static class TimestampVectors
{
    private static readonly byte[] s_data = "a checkpoint"u8.ToArray();
    private static readonly DateTimeOffset s_expired = SeededCertificate.Now.AddDays(-1);

    public static IEnumerable<Vector> All() => [.. Whole(), .. Refusals(), .. Certificates(), .. Replies()];

    private static IEnumerable<Vector> Whole()
    {
        yield return Token("good", "A token.", null, SeededStamp.Token(s_data));
        yield return Token("any-policy", "A token of another policy, where any is accepted.", null, SeededStamp.Token(s_data, new SeededStamp.Way { Policy = "1.2.3.4" }), policy: null);
        yield return Token("empty-data", "A token over nothing.", null, SeededStamp.Token([]), data: []);
    }

    private static IEnumerable<Vector> Refusals()
    {
        var good = SeededStamp.Token(s_data);
        yield return Token("empty", "There is nothing.", TimestampFault.Unreadable, []);
        yield return Token("not-der", "It is no DER.", TimestampFault.Unreadable, [0xFF, .. good]);
        yield return Token("cut", "The second half is missing.", TimestampFault.Unreadable, good[..(good.Length / 2)]);
        yield return Token("other-content", "It is signed, but no timestamp.", TimestampFault.Unreadable, Edited(good, data => data[2][0] = DerNode.Oid("1.2.840.113549.1.7.1")));
        yield return Token("other-data", "It is over other data.", TimestampFault.Imprint, good, data: "another"u8.ToArray());
        yield return Token("other-hash", "It is over SHA-512.", TimestampFault.Imprint, SeededStamp.Token(s_data, new SeededStamp.Way { Hash = "2.16.840.1.101.3.4.2.3" }));
        yield return Token("other-policy", "It was made under another policy.", TimestampFault.Policy, SeededStamp.Token(s_data, new SeededStamp.Way { Policy = "1.2.3.4" }));
        yield return Token("flip-signature", "A bit of the signature is another one.", TimestampFault.Signature, good.Flip(-1));
        yield return Token("other-key", "Another key has signed.", TimestampFault.Signature, SeededStamp.Token(s_data, new SeededStamp.Way { Key = new SeededKey("another") }));
        yield return Token("no-certificate", "Its signer's certificate does not come along.", TimestampFault.Signature, SeededStamp.Token(s_data, new SeededStamp.Way { HoldsCertificate = false }));
        yield return Token("unnamed-certificate", "It does not name its signer's certificate (ESSCertIDv2).", TimestampFault.Signature, SeededStamp.Token(s_data, new SeededStamp.Way { NamesCertificate = false }));
        yield return Token("time-changed", "The time is another one than was signed.", TimestampFault.Signature, Edited(good, ChangeTime));
        yield return Token("two-signers", "There are two signatures.", TimestampFault.Signature, Edited(good, data => data[4].Children!.Add(data[4][0])));
    }

    private static IEnumerable<Vector> Certificates()
    {
        (string Name, string About, TimestampFault Fault, X509Certificate2 Certificate)[] bad =
        [
            ("no-usage", "The certificate has no extended key usage.", TimestampFault.Usage, SeededStamp.Authority(usages: [])),
            ("usage-not-critical", "The extended key usage is not critical.", TimestampFault.Usage, SeededStamp.Authority(critical: false)),
            ("two-usages", "The certificate is for something else too.", TimestampFault.Usage, SeededStamp.Authority(usages: ["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4"])),
            ("other-usage", "The certificate is for mail.", TimestampFault.Usage, SeededStamp.Authority(usages: ["1.3.6.1.5.5.7.3.4"])),
            ("expired", "The certificate was valid until the day before.", TimestampFault.Expired, SeededStamp.Authority(until: s_expired)),
            ("not-yet-valid", "The certificate is valid from the day after on.", TimestampFault.Expired, SeededStamp.Authority(from: SeededCertificate.Now.AddDays(1))),
            ("other-authority", "The certificate's issuer has the anchor's name, and another key.", TimestampFault.Untrusted, SeededStamp.Authority(signer: new SeededKey("another"))),
        ];
        foreach (var (name, about, fault, certificate) in bad)
            yield return Token($"certificate-{name}", about, fault, SeededStamp.Token(s_data, new SeededStamp.Way { Certificate = certificate }));
    }

    private static IEnumerable<Vector> Replies()
    {
        var token = DerNode.Parse(SeededStamp.Token(s_data));
        DerNode Reply(params byte[] status) => DerNode.Sequence(DerNode.Sequence(DerNode.Of(2, status)), token);
        yield return Answer("granted", "Granted.", null, Reply(0).Encode());
        yield return Answer("granted-with-modifications", "Granted with modifications.", null, Reply(1).Encode());
        yield return Answer("rejected", "Rejected: no token.", TimestampFault.NotGranted, DerNode.Sequence(DerNode.Sequence(DerNode.Of(2, 2))).Encode());
        yield return Answer("rejected-with-token", "Rejected, with a token.", TimestampFault.NotGranted, Reply(2).Encode());
        yield return Answer("status-negative", "The status is negative.", TimestampFault.NotGranted, Reply(0xFF).Encode());
        yield return Answer("granted-without-token", "Granted, and no token.", TimestampFault.Unreadable, DerNode.Sequence(DerNode.Sequence(DerNode.Of(2, 0))).Encode());
        yield return Answer("bytes-after", "A byte follows.", TimestampFault.Unreadable, [.. Reply(0).Encode(), 0]);
        yield return Answer("two-tokens", "There are two tokens.", TimestampFault.Unreadable, DerNode.Sequence(DerNode.Sequence(DerNode.Of(2, 0)), token, token).Encode());
    }

    private static Vector Token(string name, string about, TimestampFault? fault, byte[] token, string? policy = SeededStamp.Policy, byte[]? data = null) =>
        new("timestamp", name, about, fault?.ToString(), Released(fault), With(policy, data ?? s_data), token);

    private static Vector Answer(string name, string about, TimestampFault? fault, byte[] reply) => new("timestamp-reply", name, about, fault?.ToString(), Released(fault), With(SeededStamp.Policy, s_data), reply);

    private static byte[] Released(TimestampFault? fault) => fault is null ? System.Text.Encoding.ASCII.GetBytes($"{SeededCertificate.Now.ToUnixTimeSeconds()}") : [];

    private static JsonObject With(string? policy, byte[] data) => new()
    {
        ["data"] = Seeded.Hex(data),
        ["anchors"] = new JsonArray(Convert.ToBase64String(SeededCertificate.Authority.RawData)),
        ["policy"] = policy,
    };

    private static byte[] Edited(byte[] token, Action<DerNode> change)
    {
        var whole = DerNode.Parse(token);
        change(whole[1][0]);
        return whole.Encode();
    }

    /// <summary>A second later. The digest in the signed attributes is left as it was.</summary>
    private static void ChangeTime(DerNode data)
    {
        var octets = data[2][1][0];
        var info = DerNode.Parse(octets.Content);
        info[4].Content = info[4].Content.Flip(13);
        octets.Content = info.Encode();
    }
}
