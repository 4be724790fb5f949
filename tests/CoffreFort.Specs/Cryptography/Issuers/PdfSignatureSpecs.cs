using System.Text;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.Specs.Cryptography.Cms;

namespace CoffreFort.Specs.Cryptography.Issuers;

/// <summary>A signature inside a PDF file counts for the whole file or not at all (docs/spec/issuer-signature.md §4).</summary>
public sealed class PdfSignatureSpecs : IDisposable
{
    private static readonly SigningIssuer s_issuer = new("P-256");

    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    public static TheoryData<string, IssuerFault> Wrongs => new()
    {
        { "changed page", IssuerFault.Content }, { "changed reason", IssuerFault.Content }, { "later revision", IssuerFault.Appended }, { "line feed behind", IssuerFault.Appended },
        { "cut off", IssuerFault.Coverage }, { "gap too wide", IssuerFault.Coverage }, { "gap too narrow", IssuerFault.Coverage }, { "gap begins late", IssuerFault.Coverage }, { "not from the start", IssuerFault.Coverage },
        { "text in the gap", IssuerFault.Coverage }, { "contents twice", IssuerFault.Form }, { "two over the whole", IssuerFault.Coverage }, { "message damaged", IssuerFault.Unreadable },
        { "not zeros behind", IssuerFault.Unreadable }, { "content inside", IssuerFault.Form }, { "timestamp of a document", IssuerFault.Form }, { "SHA-1 form", IssuerFault.Algorithm },
        { "many mentions", IssuerFault.Several }, { "mention in a text", IssuerFault.Appended },
    };

    [Theory]
    [MemberData(nameof(Wrongs))]
    [Trait("Requirement", "R-040")]
    public void each_fault_is_told_as_what_it_is(string wrong, IssuerFault fault) => IssuerSignatureSpecs.Expect(fault, SigningIssuer.Look(Make(wrong)));

    [Fact]
    [Trait("Requirement", "R-040")]
    public void the_last_of_two_signatures_counts_when_it_is_over_the_first()
    {
        var first = s_issuer.SignPdf(_openssl, SignedPdf.Prepare());
        var both = Second(first, "");
        IssuerSignatureSpecs.Recognised(SigningIssuer.Look(s_issuer.SignPdf(_openssl, both)));
        IssuerSignatureSpecs.Expect(IssuerFault.Appended, SigningIssuer.Look(both));
    }

    [Theory]
    [InlineData("prepared and not signed")]
    [InlineData("says that it would be")]
    [InlineData("template")]
    [Trait("Requirement", "R-040")]
    public void a_file_that_only_speaks_of_signatures_is_not_signed(string file)
    {
        var pdf = file switch
        {
            "prepared and not signed" => SignedPdf.Prepare(),
            "template" => SignedPdf.With(SignedPdf.Prepare(), SignedPdf.Range(SignedPdf.Prepare()), "/ByteRange [0 ********** ********** **********]"),
            _ => Encoding.ASCII.GetBytes("%PDF-1.4\n1 0 obj\n<</Length 40>>stream\nIn a signature, /ByteRange [0 840 960 240] says what it is over.\nendstream\nendobj\n%%EOF\n"),
        };
        Assert.Equal(IssuerSignature.None, SigningIssuer.Look(pdf));
    }

    [Theory]
    [InlineData("(D:20261001080000+02'00')", "2026-10-01T06:00:00Z")]
    [InlineData("(D:20261001060000+00'00')", "2026-10-01T06:00:00Z")]
    [InlineData("(D:20261001060000Z)      ", "2026-10-01T06:00:00Z")]
    [InlineData("(D:20261001060000Z00'00')", null)]
    [InlineData("(D:20261001080000 +02'00)", null)]
    [InlineData("(D:20269999999999+02'00')", null)]
    [InlineData("(D:''''''''''''''''''''')", null)]
    [Trait("Requirement", "R-040")]
    public void the_time_is_the_signers_own_word(string written, string? time)
    {
        var pdf = SignedPdf.With(SignedPdf.Prepare(), "(D:20261001080000+02'00')", written);
        var (signature, _) = PdfSignature.Find(SignedPdf.Fill(pdf, [0x30, 0]));
        Assert.Equal(time is null ? null : DateTimeOffset.Parse(time, System.Globalization.CultureInfo.InvariantCulture), signature!.ClaimedAt);
    }

    private byte[] Make(string wrong)
    {
        var prepared = SignedPdf.Prepare(form: wrong switch { "timestamp of a document" => "/ETSI.RFC3161", "SHA-1 form" => "/adbe.pkcs7.sha1", _ => "/ETSI.CAdES.detached" },
            more: wrong == "contents twice" ? "/Contents <00> " : "");
        var signed = s_issuer.SignPdf(_openssl, prepared);
        var (from, to) = SignedPdf.Gap(signed);
        var (range, rest) = (SignedPdf.Range(signed), signed.Length - to);
        return wrong switch
        {
            "changed page" => SignedPdf.With(signed, "(attestation)", "(attestatioN)"),
            "changed reason" => SignedPdf.With(signed, "parce", "Parce"),
            "later revision" => SignedPdf.Append(signed),
            "line feed behind" => [.. signed, (byte)'\n'],
            "cut off" => signed[..^8],
            "gap too wide" => SignedPdf.With(signed, range, SignedPdf.Range(from, to + 8, rest - 8)),
            "gap too narrow" => SignedPdf.With(signed, range, SignedPdf.Range(from + 1, to - 1, rest + 1)),
            "gap begins late" => SignedPdf.With(signed, range, SignedPdf.Range(from + 1, to, rest)),
            "not from the start" => SignedPdf.With(signed, range, range.Replace("[0", "[1", StringComparison.Ordinal)),
            "text in the gap" => [.. signed[..(to - 30)], .. "> /Evil (autre chose) /Hex <0"u8, .. signed[(to - 1)..]],
            "two over the whole" => [.. Two(signed)],
            "message damaged" => [.. signed[..(from + 1)], .. "31"u8, .. signed[(from + 3)..]],
            "not zeros behind" => [.. signed[..(to - 2)], (byte)'1', .. signed[(to - 1)..]],
            "content inside" => SignedPdf.Fill(prepared, s_issuer.Sign(_openssl, SignedPdf.Signed(prepared))),
            // Behind the entry, in the same dictionary: found by fuzzing.
            "mention in a text" => [.. signed[..to], .. " /Said (/ByteRange [0 1 2 3])"u8, .. signed[to..]],
            "many mentions" => SignedPdf.Append(signed, string.Concat(Enumerable.Repeat("/ByteRange [0 1 2 3] ", 20))),
            _ => signed,
        };
    }

    /// <summary>A second signature dictionary behind the first, with the first's zeros as well as its own in no range.</summary>
    private static byte[] Second(byte[] first, string said)
    {
        var more = SignedPdf.Prepare(said);
        var text = Encoding.Latin1.GetString(more);
        var dictionary = text[text.IndexOf("5 0 obj", StringComparison.Ordinal)..].Replace("5 0 obj", "6 0 obj", StringComparison.Ordinal);
        byte[] both = [.. first, .. Encoding.Latin1.GetBytes(dictionary)];
        var (from, to) = SignedPdf.Gap(both);
        var whole = Encoding.Latin1.GetString(both);
        var at = whole.LastIndexOf("/ByteRange [", StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(whole[..at] + SignedPdf.Range(from, to, both.Length - to) + whole[(whole.IndexOf(']', at) + 1)..]);
    }

    /// <summary>Both say that they are over everything but themselves.</summary>
    private static byte[] Two(byte[] signed)
    {
        var both = Second(signed, "");
        var (from, to) = SignedPdf.Gap(signed);
        return SignedPdf.Fill(SignedPdf.With(both, SignedPdf.Range(signed), SignedPdf.Range(from, to, both.Length - to)), [1, 2, 3]);
    }
}
