using System.Formats.Asn1;
using System.Security.Cryptography;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>
/// Looks at the signature that a document brings along: a CMS message with the document inside, the signature inside a PDF file, or one beside any document
/// (docs/spec/issuer-signature.md).
/// </summary>
/// <remarks>
/// Stateless; safe for concurrent use. Never throws for what a document holds. Memory: about three times the document's length. Nothing is fetched, and revocation is not asked for.
/// </remarks>
public static class IssuerVerification
{
    /// <summary>The longest document that is looked at, in bytes: 8 MiB.</summary>
    public const int LongestDocument = 8 * 1024 * 1024;

    /// <summary>The signature that a document holds.</summary>
    /// <param name="document">The whole document.</param>
    /// <param name="kind">What kind of document it is said to be: only issuers listed for this kind count.</param>
    /// <param name="issuers">Whom to rely on.</param>
    /// <param name="at">Now, the time at which the certificates must be valid.</param>
    public static IssuerSignature Verify(ReadOnlyMemory<byte> document, string kind, IReadOnlyList<ListedIssuer> issuers, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(issuers);
        if (document.Length > LongestDocument) return IssuerSignature.Of(IssuerFault.TooLarge);
        if (SignatureTrace.IsMessage(document.Span[..Math.Min(document.Length, 32)])) return Judge(CmsSignature.Attached(document), kind, issuers, at);
        if (!SignatureTrace.IsPdf(document.Span)) return IssuerSignature.None;
        var (pdf, fault) = PdfSignature.Find(document.Span);
        if (pdf is null) return fault is { } wrong ? IssuerSignature.Of(wrong) : IssuerSignature.None;
        var signed = pdf.Signed(document.Span);
        try
        {
            var (signature, bad) = CmsSignature.Detached(pdf.Contents, signed);
            return Judge((signature is null ? null : signature with { ClaimedAt = signature.ClaimedAt ?? pdf.ClaimedAt }, bad), kind, issuers, at);
        }
        finally
        {
            // What the platform copies of it meanwhile is out of reach.
            CryptographicOperations.ZeroMemory(signed);
        }
    }

    /// <summary>What a document is to be hashed with, whose signature comes beside it.</summary>
    /// <param name="signature">The CMS message (DER or BER), without content.</param>
    /// <returns>Null when there is nothing to verify: <see cref="VerifyDetached"/> says why, whatever the digest.</returns>
    public static HashAlgorithmName? HashOf(ReadOnlyMemory<byte> signature) =>
        CmsShape.Read(signature).Shape is { First: { } first } ? SignatureStrength.Hash(first.Hash) : null;

    /// <summary>
    /// Whether a file is a signature beside something: one CMS message (DER or BER) that somebody signed, as far as can be seen, and that does not bring its content along.
    /// </summary>
    /// <param name="file">The whole file.</param>
    public static bool IsDetached(ReadOnlyMemory<byte> file) =>
        SignatureTrace.IsMessage(file.Span[..Math.Min(file.Length, 32)]) && CmsShape.IsDetached(file) && CmsShape.Read(file).Fault != IssuerFault.Unreadable;

    /// <summary>A signature that comes beside a document of any length, of which only the hash is needed.</summary>
    /// <param name="digest">The whole document's hash by <see cref="HashOf"/>.</param>
    /// <param name="signature">The CMS message (DER or BER), without content.</param>
    /// <param name="kind">What kind of document it is said to be.</param>
    /// <param name="issuers">Whom to rely on.</param>
    /// <param name="at">Now, the time at which the certificates must be valid.</param>
    public static IssuerSignature VerifyDetached(
        ReadOnlyMemory<byte> digest, ReadOnlyMemory<byte> signature, string kind, IReadOnlyList<ListedIssuer> issuers, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(kind);
        ArgumentNullException.ThrowIfNull(issuers);
        return signature.Length > CmsShape.LongestFrame
            ? IssuerSignature.Of(IssuerFault.TooLarge)
            : Judge(CmsSignature.OverDigest(signature, digest.ToArray()), kind, issuers, at);
    }

    private static IssuerSignature Judge((CmsSignature? Signature, IssuerFault? Fault) found, string kind, IReadOnlyList<ListedIssuer> issuers, DateTimeOffset at)
    {
        if (found.Signature is not { } signature) return found.Fault is { } fault ? IssuerSignature.Of(fault) : IssuerSignature.None;
        try
        {
            return IssuerChain.Judge(signature, kind, issuers, at);
        }
        catch (Exception failure) when (failure is CryptographicException or AsnContentException or InvalidOperationException or ArgumentException)
        {
            // The platform reads a certificate's parts late, and throws now this and now that at what it can't read.
            return IssuerSignature.Of(IssuerFault.Untrusted);
        }
        finally
        {
            signature.Signer.Dispose();
            foreach (var other in signature.Others) other.Dispose();
        }
    }
}
