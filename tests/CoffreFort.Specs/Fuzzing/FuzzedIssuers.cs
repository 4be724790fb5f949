using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Cryptography.Issuers;
using CoffreFort.Specs.Cryptography.Issuers;
using CoffreFort.Specs.Vectors;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>The readers of issuers' signatures. What is valid must be what was signed, byte for byte; whatever else an input is, it has a verdict.</summary>
internal static class FuzzedIssuers
{
    private const string Kind = "attestation";

    private static readonly ListedIssuer[] s_issuers = [new("Issuer", [SeededCertificate.Authority], new HashSet<string> { Kind }, new Dictionary<string, string>())];
    private static readonly byte[] s_content = "an attestation"u8.ToArray();

    public static IEnumerable<FuzzedParser> All()
    {
        var (attached, beside) = (SeededCms.Sign(CmsOid.Data, s_content), Detached(s_content));
        var prepared = SignedPdf.Prepare(room: beside.Length + 8);
        var pdf = SignedPdf.Fill(prepared, Detached(SignedPdf.Signed(prepared)));
        yield return new("issuer-message", Shape.Der, [attached, Streamed(attached)], input => Of(IssuerVerification.Verify(input, Kind, s_issuers, SeededCertificate.Now), () => IsSigned(input)));
        yield return new("issuer-signature", Shape.Der, [beside], AtTheDoor);
        yield return new("issuer-pdf", Shape.Bytes, [pdf, SignedPdf.Append(pdf)], input =>
            Of(IssuerVerification.Verify(input, Kind, s_issuers, SeededCertificate.Now), () => SignedPdf.Signed(input).AsSpan().SequenceEqual(SignedPdf.Signed(prepared))));
    }

    /// <summary>As the server takes one in: a spelling of the message that is too odd to be known for one is refused, though it would verify.</summary>
    private static Verdict AtTheDoor(byte[] input)
    {
        var read = Of(Beside(input), () => true);
        return read != Verdict.RoundTrips || IssuerVerification.IsDetached(input) ? read : Verdict.Refused;
    }

    private static IssuerSignature Beside(byte[] input) => IssuerVerification.VerifyDetached(
        IssuerVerification.HashOf(input) is { } hash ? CryptographicOperations.HashData(hash, s_content) : [], input, Kind, s_issuers, SeededCertificate.Now);

    private static byte[] Detached(byte[] content) => SeededCms.Sign(CmsOid.Data, content, way: new() { Data = data => data[2].Children!.RemoveAt(1) });

    /// <summary>The outermost length left open, as whoever streams writes it.</summary>
    private static byte[] Streamed(byte[] message) => [0x30, 0x80, .. DerNode.Parse(message).Children!.SelectMany(child => child.Encode()), 0, 0];

    private static bool IsSigned(byte[] input)
    {
        var cms = new SignedCms();
        cms.Decode(input);
        return cms.ContentInfo.Content.AsSpan().SequenceEqual(s_content);
    }

    private static Verdict Of(IssuerSignature found, Func<bool> isSigned) =>
        found.Verdict != IssuerVerdict.Valid ? (found.Fault is null) == (found.Verdict == IssuerVerdict.None) ? Verdict.Refused : Verdict.Differs : isSigned() ? Verdict.RoundTrips : Verdict.Differs;
}
