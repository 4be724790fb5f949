using System.Globalization;
using System.Text;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>Where a PDF file's signature stands, and what it is over (ISO 32000-2 §12.8.1; docs/spec/issuer-signature.md §4).</summary>
/// <param name="Contents">The CMS message, and the zeros that fill its place.</param>
/// <param name="Before">The length of what is signed in front of the signature's place.</param>
/// <param name="After">Where what is signed behind it begins: from there to the file's end.</param>
/// <param name="ClaimedAt">When it was signed by the signer's own word.</param>
internal sealed record PdfSignature(byte[] Contents, int Before, int After, DateTimeOffset? ClaimedAt)
{
    private const int MostMentions = 16;
    private const int LongestDictionary = 2 * CmsShape.LongestFrame + 64 * 1024;

    /// <summary>Why it is not checked, though it is over the whole file.</summary>
    private IssuerFault? Fault { get; init; }

    public static ReadOnlySpan<byte> Mark => "/ByteRange"u8;

    /// <summary>The one signature that is over the whole file; or why there is none to check; or neither, when the file is not signed.</summary>
    public static (PdfSignature? Signature, IssuerFault? Fault) Find(ReadOnlySpan<byte> pdf)
    {
        var (whole, fault) = (new List<PdfSignature>(), (IssuerFault?)null);
        var mentions = 0;
        for (var at = pdf.IndexOf(Mark); at >= 0; at = Next(pdf, at))
        {
            if (ReadRange(pdf, at + Mark.Length) is not { } range) continue;
            if (++mentions > MostMentions) return (null, IssuerFault.Several);
            var (signature, wrong) = Read(pdf, at, range);
            if (signature is not null) whole.Add(signature);
            // What can't be read says less than what is wrong.
            else if (fault is null or IssuerFault.Form) fault = wrong ?? fault;
        }

        // One over the whole file is over all earlier ones too, whatever they are over.
        return whole.Count switch { 1 when whole[0].Fault is null => (whole[0], null), 1 => (null, whole[0].Fault), 0 => (null, fault), _ => (null, IssuerFault.Coverage) };
    }

    /// <summary>What is signed, in one piece.</summary>
    public byte[] Signed(ReadOnlySpan<byte> pdf)
    {
        var signed = new byte[Before + pdf.Length - After];
        pdf[..Before].CopyTo(signed);
        pdf[After..].CopyTo(signed.AsSpan(Before));
        return signed;
    }

    private static int Next(ReadOnlySpan<byte> pdf, int at)
    {
        var next = pdf[(at + 1)..].IndexOf(Mark);
        return next < 0 ? next : at + 1 + next;
    }

    /// <summary>Four numbers in brackets. What is left to be filled in is no signature yet, and an article about signatures is none either.</summary>
    private static long[]? ReadRange(ReadOnlySpan<byte> pdf, int at)
    {
        var text = pdf[at..Math.Min(pdf.Length, at + 100)];
        var open = text.IndexOf((byte)'[');
        var close = text.IndexOf((byte)']');
        if (open < 0 || close < open) return null;
        foreach (var one in text[..open]) if (!PdfDictionary.IsSpace(one)) return null;
        var words = Encoding.Latin1.GetString(text[(open + 1)..close]).Split((char[])['\0', '\t', '\n', '\f', '\r', ' '], StringSplitOptions.RemoveEmptyEntries);
        var numbers = new long[4];
        if (words.Length != numbers.Length) return null;
        for (var i = 0; i < numbers.Length; i++)
            if (words[i].Length > 12 || !long.TryParse(words[i], NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i])) return null;
        return numbers;
    }

    private static (PdfSignature? Signature, IssuerFault? Fault) Read(ReadOnlySpan<byte> pdf, int at, long[] range)
    {
        if (Dictionary(pdf, at) is not { } entries) return (null, pdf.IndexOf("/SubFilter"u8) >= 0 ? IssuerFault.Form : null);
        var contents = entries["Contents"];
        var hex = pdf[(contents.Start.Value + 1)..(contents.End.Value - 1)];
        // Prepared for a signature, and not signed.
        if (!hex.ContainsAnyExcept((byte)'0')) return (null, null);
        // The gap must be the signature's own place and nothing more: what stands in a gap, nobody signed.
        if (range[0] != 0 || range[1] != contents.Start.Value || range[2] != contents.End.Value || range[2] + range[3] > pdf.Length) return (null, IssuerFault.Coverage);
        if (range[2] + range[3] < pdf.Length) return (null, IssuerFault.Appended);
        var whole = new PdfSignature([], contents.Start.Value, contents.End.Value, entries.TryGetValue("M", out var day) ? ReadDate(pdf[day]) : null);
        var unread = FormFault(pdf[entries["SubFilter"]]) ?? (hex.Length > 2 * CmsShape.LongestFrame ? IssuerFault.TooLarge : hex.Length % 2 != 0 ? IssuerFault.Unreadable : null);
        if (unread is not null) return (whole with { Fault = unread }, null);
        var decoded = new byte[hex.Length / 2];
        Convert.FromHexString(hex, decoded, out _, out _);
        return (whole with { Contents = decoded }, null);
    }

    /// <summary>The dictionary of which this byte range is an entry, when it is one of a signature.</summary>
    private static Dictionary<string, Range>? Dictionary(ReadOnlySpan<byte> pdf, int at)
    {
        var from = Math.Max(0, at - LongestDictionary);
        var begin = pdf[from..at].LastIndexOf("obj"u8);
        if (begin < 0) return null;
        begin += from + "obj".Length;
        if (PdfDictionary.Read(pdf[..Math.Min(pdf.Length, begin + LongestDictionary)], begin) is not { } entries) return null;
        // The dictionary may have another mention as its entry, and this one inside a text.
        if (!entries.TryGetValue("ByteRange", out var range) || range.Start.Value < at + Mark.Length || range.Start.Value > at + 100) return null;
        return entries.ContainsKey("SubFilter") && entries.TryGetValue("Contents", out var contents) && pdf[contents.Start.Value] == '<' && pdf[contents.Start.Value + 1] != '<' ? entries : null;
    }

    private static IssuerFault? FormFault(ReadOnlySpan<byte> form)
    {
        if (form.SequenceEqual("/ETSI.CAdES.detached"u8) || form.SequenceEqual("/adbe.pkcs7.detached"u8)) return null;
        return form.SequenceEqual("/adbe.pkcs7.sha1"u8) || form.SequenceEqual("/adbe.x509.rsa_sha1"u8) ? IssuerFault.Algorithm : IssuerFault.Form;
    }

    /// <summary>A date such as <c>(D:20261122153000+01'00')</c> (ISO 32000-2 §7.9.4), to the second and with its zone; else none.</summary>
    private static DateTimeOffset? ReadDate(ReadOnlySpan<byte> text)
    {
        if (text.Length is < 19 or > 25 || !text.StartsWith("(D:"u8)) return null;
        var date = Encoding.Latin1.GetString(text[3..^1]).Replace("'", "", StringComparison.Ordinal);
        return date.Length > 0 && DateTimeOffset.TryParseExact(
            date[^1] == 'Z' ? date[..^1] + "+0000" : date, "yyyyMMddHHmmsszzz", CultureInfo.InvariantCulture, DateTimeStyles.None, out var read) ? read.ToUniversalTime() : null;
    }
}
