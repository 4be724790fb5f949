using System.Globalization;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace CoffreFort.Server.Demo;

/// <summary>Signs one of the story's papers as its issuer would: a revision behind the file, with a signature field over the whole of it (ISO 32000-2 §12.8).</summary>
public static class SignedPaper
{
    private const int Room = 4096;
    private const string Hole = "0000000000";

    /// <param name="pdf">A file with a plain cross-reference table, as those in Demo/Documents have.</param>
    /// <param name="issuer">With its private key.</param>
    /// <param name="at">When it is said to be signed.</param>
    public static byte[] Sign(byte[] pdf, X509Certificate2 issuer, DateTimeOffset at)
    {
        var file = Encoding.Latin1.GetString(pdf);
        var (size, root, previous) = (Number(file, "/Size "), Number(file, "/Root "), Number(file, "startxref\n"));
        var text = new StringBuilder(file);
        var offsets = new[] { Add(text, root, Catalogue(file, root, size)), Add(text, size, Field(size + 1)), Add(text, size + 1, Empty(at)) };
        var table = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"xref\n{root} 1\n{offsets[0]:D10} 00000 n \n{size} 2\n{offsets[1]:D10} 00000 n \n{offsets[2]:D10} 00000 n \n");
        text.Append(CultureInfo.InvariantCulture, $"trailer\n<</Size {size + 2}\n/Root {root} 0 R\n/Prev {previous}>>\nstartxref\n{table}\n%%EOF\n");
        return Fill(text.ToString(), issuer, at);
    }

    private static long Number(string file, string before)
    {
        var from = file.LastIndexOf(before, StringComparison.Ordinal) + before.Length;
        return long.Parse(file.AsSpan(from, file.AsSpan(from).IndexOfAnyExceptInRange('0', '9')), CultureInfo.InvariantCulture);
    }

    private static int Add(StringBuilder text, long number, string body)
    {
        var offset = text.Length;
        text.Append(CultureInfo.InvariantCulture, $"{number} 0 obj\n{body}\nendobj\n");
        return offset;
    }

    /// <summary>The document's root object as it was, and a form with one field.</summary>
    private static string Catalogue(string file, long root, long field)
    {
        var begin = file.LastIndexOf($"\n{root} 0 obj\n", StringComparison.Ordinal) + $"\n{root} 0 obj\n".Length;
        var body = file[begin..file.IndexOf("\nendobj", begin, StringComparison.Ordinal)];
        return $"{body[..body.LastIndexOf(">>", StringComparison.Ordinal)]}\n/AcroForm <</Fields [{field} 0 R] /SigFlags 3>>>>";
    }

    private static string Field(long signature) => $"<</FT /Sig /T (Signature) /V {signature} 0 R>>";

    private static string Empty(DateTimeOffset at) =>
        $"<</Type /Sig /Filter /Adobe.PPKLite /SubFilter /adbe.pkcs7.detached /M (D:{at.UtcDateTime:yyyyMMddHHmmss}+00'00') /ByteRange [0 {Hole} {Hole} {Hole}] /Contents <{new string('0', 2 * Room)}>>>";

    private static byte[] Fill(string text, X509Certificate2 issuer, DateTimeOffset at)
    {
        var from = text.LastIndexOf("/Contents <", StringComparison.Ordinal) + "/Contents ".Length;
        var to = from + 2 * Room + 2;
        var ranged = Encoding.Latin1.GetBytes(text.Replace($"[0 {Hole} {Hole} {Hole}]", string.Create(CultureInfo.InvariantCulture, $"[0 {from:D10} {to:D10} {text.Length - to:D10}]"), StringComparison.Ordinal));
        var cms = new SignedCms(new ContentInfo([.. ranged[..from], .. ranged[to..]]), detached: true);
        var signer = new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, issuer) { DigestAlgorithm = new Oid("2.16.840.1.101.3.4.2.1"), IncludeOption = X509IncludeOption.EndCertOnly };
        signer.SignedAttributes.Add(new Pkcs9SigningTime(at.UtcDateTime));
        cms.ComputeSignature(signer);
        Encoding.ASCII.GetBytes(Convert.ToHexStringLower(cms.Encode())).CopyTo(ranged, from + 1);
        return ranged;
    }
}
