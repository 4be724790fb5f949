using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.Specs.Vectors;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>Answers of a timestamp authority that differ from a good one in one thing each.</summary>
internal static class WrongTimestamps
{
    public static readonly byte[] Data = "a checkpoint"u8.ToArray();

    private static readonly SeededKey s_another = new("another"), s_middleKey = new("middle authority");
    private static readonly X509Certificate2 s_good = SeededStamp.Authority(), s_middle = Middle();

    /// <summary>By what is wrong; null where nothing is.</summary>
    public static IReadOnlyDictionary<string, (TimestampFault? Fault, Func<Rfc3161TimestampRequest, byte[]> Answer)> All { get; } = new Dictionary<string, (TimestampFault?, Func<Rfc3161TimestampRequest, byte[]>)>
    {
        ["nothing"] = (null, asked => Granted(Token(asked))),
        ["nothing: granted with modifications"] = (null, asked => Reply(1, Token(asked))),
        ["nothing: an authority between"] = (null, asked => Granted(Token(asked, Below(s_middle) with { Others = [s_middle] }))),
        ["no DER"] = (TimestampFault.Unreadable, _ => [0x30, 3, 1, 2, 3]),
        ["cut short"] = (TimestampFault.Unreadable, asked => Granted(Token(asked))[..^40]),
        ["longer than any answer"] = (TimestampFault.Unreadable, asked => Reply(0, Token(asked), text: new string('a', TimestampRequest.LongestReply))),
        ["bytes behind it"] = (TimestampFault.Unreadable, asked => [.. Granted(Token(asked)), 0]),
        ["granted, and no token"] = (TimestampFault.Unreadable, _ => Reply(0)),
        ["two tokens"] = (TimestampFault.Unreadable, asked => Reply(0, Token(asked), Token(asked))),
        ["signed, and no timestamp"] = (TimestampFault.Unreadable, asked => Granted(Edited(Token(asked), data => data[2][0] = DerNode.Oid("1.2.840.113549.1.7.1")))),
        ["rejected"] = (TimestampFault.NotGranted, _ => Reply(2)),
        ["rejected, with a token"] = (TimestampFault.NotGranted, asked => Reply(2, Token(asked))),
        ["to be waited for"] = (TimestampFault.NotGranted, _ => Reply(3)),
        ["a status that does not exist"] = (TimestampFault.NotGranted, asked => Reply(0xFF, Token(asked))),
        ["another nonce"] = (TimestampFault.Nonce, asked => Granted(Token(asked, new() { Nonce = new byte[] { 1, 2, 3 } }))),
        ["no nonce"] = (TimestampFault.Nonce, _ => Granted(SeededStamp.Token(Data))),
        ["over other data"] = (TimestampFault.Imprint, asked => Granted(SeededStamp.Token("another"u8.ToArray(), new() { Nonce = asked.GetNonce() }))),
        ["over another hash"] = (TimestampFault.Imprint, asked => Granted(Token(asked, new() { Hash = "2.16.840.1.101.3.4.2.3" }))),
        ["another policy"] = (TimestampFault.Policy, asked => Granted(Token(asked, new() { Policy = "1.3.6.1.4.1.99999.2" }))),
        ["a bit of the signature"] = (TimestampFault.Signature, asked => Granted(Token(asked).Flip(-1))),
        ["signed by another key"] = (TimestampFault.Signature, asked => Granted(Token(asked, new() { Key = s_another }))),
        ["changed after it was signed"] = (TimestampFault.Signature, asked => Granted(ASecondLater(Token(asked)))),
        ["its certificate stays away"] = (TimestampFault.Signature, asked => Granted(Token(asked, new() { HoldsCertificate = false }))),
        ["its certificate is not named"] = (TimestampFault.Signature, asked => Granted(Token(asked, new() { NamesCertificate = false }))),
        ["another certificate is named"] = (TimestampFault.Signature, asked => Granted(Token(asked, new() { Named = SeededCertificate.Seal }))),
        ["two signatures"] = (TimestampFault.Signature, asked => Granted(Edited(Token(asked), data => data[4].Children!.Add(data[4][0])))),
        ["a certificate without purpose"] = Certified(TimestampFault.Usage, SeededStamp.Authority(usages: [])),
        ["a certificate whose purpose is not critical"] = Certified(TimestampFault.Usage, SeededStamp.Authority(critical: false)),
        ["a certificate for other things too"] = Certified(TimestampFault.Usage, SeededStamp.Authority(usages: ["1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.4"])),
        ["a certificate for mail"] = Certified(TimestampFault.Usage, SeededStamp.Authority(usages: ["1.3.6.1.5.5.7.3.4"])),
        ["a certificate that is over"] = Certified(TimestampFault.Expired, SeededStamp.Authority(until: SeededCertificate.Now.AddDays(-1))),
        ["a certificate of tomorrow"] = Certified(TimestampFault.Expired, SeededStamp.Authority(from: SeededCertificate.Now.AddDays(1))),
        ["an authority between that is over"] = Between(TimestampFault.Expired, Middle(until: SeededCertificate.Now.AddDays(-1))),
        ["an authority between that is none"] = Between(TimestampFault.Untrusted, Middle(authority: false)),
        ["an authority between that stays away"] = (TimestampFault.Untrusted, asked => Granted(Token(asked, Below(s_middle)))),
        ["the trusted authority's name and another key"] = Certified(TimestampFault.Untrusted, SeededStamp.Authority(signer: s_another)),
        ["a certificate of its own making"] = Certified(TimestampFault.Untrusted, SelfMade()),
        ["five minutes too early"] = (TimestampFault.Time, asked => Granted(Token(asked, new() { Time = SeededCertificate.Now.AddMinutes(-5) }))),
        ["five minutes too late"] = (TimestampFault.Time, asked => Granted(Token(asked, new() { Time = SeededCertificate.Now.AddMinutes(5) }))),
    };

    public static byte[] Token(Rfc3161TimestampRequest asked, SeededStamp.Way? way = null) =>
        SeededStamp.Token(Data, (way ?? new()) is var answer && answer.Nonce is null ? answer with { Nonce = asked.GetNonce() } : answer);

    public static byte[] Granted(byte[] token) => Reply(0, token);

    private static byte[] Reply(byte status, params byte[][] tokens) => Reply(status, text: null, tokens);

    private static byte[] Reply(byte status, byte[] token, string text) => Reply(status, text, token);

    private static byte[] Reply(byte status, string? text, params byte[][] tokens)
    {
        DerNode[] said = text is null ? [] : [DerNode.Sequence(DerNode.Of(12, Encoding.ASCII.GetBytes(text)))];
        return DerNode.Sequence([DerNode.Sequence([DerNode.Of(2, status), .. said]), .. tokens.Select(token => DerNode.Parse(token))]).Encode();
    }

    private static (TimestampFault?, Func<Rfc3161TimestampRequest, byte[]>) Certified(TimestampFault fault, X509Certificate2 certificate) =>
        (fault, asked => Granted(Token(asked, new() { Certificate = certificate })));

    private static (TimestampFault?, Func<Rfc3161TimestampRequest, byte[]>) Between(TimestampFault fault, X509Certificate2 middle) =>
        (fault, asked => Granted(Token(asked, Below(middle) with { Others = [middle] })));

    private static X509Certificate2 Middle(bool authority = true, DateTimeOffset? until = null) => SeededCertificate.Make(
        "CN=Vectors middle", SeededCertificate.Of(s_middleKey), SeededCertificate.Authority,
        SeededCertificate.Extensions(authority ? X509KeyUsageFlags.KeyCertSign : X509KeyUsageFlags.DigitalSignature, authority), until: until);

    private static SeededStamp.Way Below(X509Certificate2 middle) => new()
    {
        Certificate = SeededCertificate.Make("CN=Vectors timestamps", SeededCertificate.Of(SeededCertificate.StampKey), middle, s_good.Extensions.Where(one => one is not X509SubjectKeyIdentifierExtension), signer: s_middleKey),
    };

    private static X509Certificate2 SelfMade() => SeededCertificate.Make(
        "CN=Vectors timestamps", SeededCertificate.Of(SeededCertificate.StampKey), null, s_good.Extensions.Where(one => one is not X509SubjectKeyIdentifierExtension), signer: SeededCertificate.StampKey);

    private static byte[] Edited(byte[] token, Action<DerNode> change)
    {
        var whole = DerNode.Parse(token);
        change(whole[1][0]);
        return whole.Encode();
    }

    /// <summary>The digest in the signed attributes is left as it was.</summary>
    private static byte[] ASecondLater(byte[] token)
    {
        var second = token.AsSpan().IndexOf(Encoding.ASCII.GetBytes($"{SeededCertificate.Now.UtcDateTime:yyyyMMddHHmmss}")) + 13;
        token[second] ^= 1;
        return token;
    }
}
