using System.Globalization;
using System.Text;

namespace CoffreFort.Specs.Cryptography.Issuers;

/// <summary>A small PDF file with room for a signature, written by hand so that each byte of it can be put wrong.</summary>
internal static class SignedPdf
{
    private const string Hole = "0000000000";

    /// <summary>The file, its byte range right and its signature's place full of zeros.</summary>
    public static byte[] Prepare(string said = "attestation", int room = 8192, string form = "/ETSI.CAdES.detached", string more = "")
    {
        var text = $"""
            %PDF-1.7
            1 0 obj
            <</Type /Catalog /Pages 2 0 R /AcroForm <</Fields [4 0 R] /SigFlags 3>>>>
            endobj
            2 0 obj
            <</Type /Pages /Kids [3 0 R] /Count 1>>
            endobj
            3 0 obj
            <</Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Said ({said})>>
            endobj
            4 0 obj
            <</FT /Sig /T (Signature) /V 5 0 R>>
            endobj
            5 0 obj
            <</Type /Sig /Filter /Adobe.PPKLite /SubFilter {form} /M (D:20261001080000+02'00') /Reason (parce \(que\) oui) {more}/ByteRange [0 {Hole} {Hole} {Hole}] /Contents <{new string('0', 2 * room)}>>>
            endobj
            trailer
            <</Size 6 /Root 1 0 R>>
            startxref
            0
            %%EOF

            """;
        return Encoding.Latin1.GetBytes(Ranged(text));
    }

    /// <summary>What is signed.</summary>
    public static byte[] Signed(byte[] pdf)
    {
        var (from, to) = Gap(pdf);
        return [.. pdf[..from], .. pdf[to..]];
    }

    public static byte[] Fill(byte[] pdf, byte[] message)
    {
        var (from, _) = Gap(pdf);
        var filled = pdf.ToArray();
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(message)).CopyTo(filled, from + 1);
        return filled;
    }

    /// <summary>The same with another text in a place of the same length.</summary>
    public static byte[] With(byte[] pdf, string old, string other)
    {
        Assert.Equal(old.Length, other.Length);
        var text = Encoding.Latin1.GetString(pdf);
        Assert.Contains(old, text, StringComparison.Ordinal);
        return Encoding.Latin1.GetBytes(text.Replace(old, other, StringComparison.Ordinal));
    }

    /// <summary>The byte range as it is written.</summary>
    public static string Range(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        var from = text.LastIndexOf("/ByteRange [", StringComparison.Ordinal);
        return text[from..(text.IndexOf(']', from) + 1)];
    }

    public static string Range(params long[] numbers) =>
        $"/ByteRange [0 {string.Join(' ', numbers.Select(number => number.ToString(CultureInfo.InvariantCulture).PadLeft(Hole.Length, '0')))}]";

    public static (int From, int To) Gap(byte[] pdf)
    {
        var text = Encoding.Latin1.GetString(pdf);
        var from = text.LastIndexOf("/Contents <", StringComparison.Ordinal) + "/Contents ".Length;
        return (from, text.IndexOf('>', from) + 1);
    }

    /// <summary>A later revision with a page that says something else.</summary>
    public static byte[] Append(byte[] pdf, string said = "autre chose") =>
        [.. pdf, .. Encoding.Latin1.GetBytes($"3 0 obj\n<</Type /Page /Said ({said})>>\nendobj\ntrailer\n<</Size 6 /Root 1 0 R /Prev 0>>\nstartxref\n0\n%%EOF\n")];

    private static string Ranged(string text)
    {
        var pdf = Encoding.Latin1.GetBytes(text);
        var (from, to) = Gap(pdf);
        return text.Replace(Range(0, 0, 0), Range(from, to, pdf.Length - to), StringComparison.Ordinal);
    }
}
