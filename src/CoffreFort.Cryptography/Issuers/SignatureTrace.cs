namespace CoffreFort.Cryptography.Issuers;

/// <summary>
/// Tells while a document streams by whether it may bring a signature, so that no other document is ever looked at twice: it is a CMS message by its first bytes, or a PDF file in
/// which a signature's byte range is mentioned (docs/spec/issuer-signature.md §2).
/// </summary>
/// <remarks>Constant memory. For one thread at a time.</remarks>
public sealed class SignatureTrace
{
    private static readonly byte[] s_pdf = "%PDF-"u8.ToArray();
    private readonly byte[] _head = new byte[32];
    private readonly byte[] _seam = new byte[2 * (PdfSignature.Mark.Length - 1)];
    private int _headLength;
    private int _seamLength;
    private bool _mentioned;

    /// <summary>Whether what was taken so far may bring a signature; <see cref="IssuerVerification.Verify"/> finds out.</summary>
    public bool MayBeSigned => _mentioned || IsMessage(_head.AsSpan(0, _headLength));

    /// <summary>Takes the document's next bytes.</summary>
    /// <param name="next">Any number of them.</param>
    public void Take(ReadOnlySpan<byte> next)
    {
        if (next.IsEmpty) return;
        if (_headLength < _head.Length)
        {
            var part = next[..Math.Min(next.Length, _head.Length - _headLength)];
            part.CopyTo(_head.AsSpan(_headLength));
            _headLength += part.Length;
        }

        var known = Math.Min(_headLength, s_pdf.Length);
        if (!_mentioned && _head.AsSpan(0, known).SequenceEqual(s_pdf.AsSpan(0, known))) _mentioned = IsMentioned(next);
    }

    internal static bool IsPdf(ReadOnlySpan<byte> document) => document.StartsWith(s_pdf);

    /// <summary>Whether a document that begins so is a CMS message (a ContentInfo of id-signedData, in DER or BER): what it holds besides its content nobody signed.</summary>
    /// <param name="head">The document's first bytes, 32 at least unless it is shorter.</param>
    public static bool IsMessage(ReadOnlySpan<byte> head)
    {
        if (head.Length < 2 || head[0] != CmsShape.Sequence) return false;
        var lengths = head[1] is 0x80 or < 0x80 ? 0 : head[1] & 0x7F;
        return lengths <= 8 && head.Length >= 2 + lengths && head[(2 + lengths)..].StartsWith(CmsShape.SignedDataIdentifier);
    }

    private bool IsMentioned(ReadOnlySpan<byte> next)
    {
        var reach = PdfSignature.Mark.Length - 1;
        var over = next[..Math.Min(next.Length, reach)];
        over.CopyTo(_seam.AsSpan(_seamLength));
        if (_seam.AsSpan(0, _seamLength + over.Length).IndexOf(PdfSignature.Mark) >= 0 || next.IndexOf(PdfSignature.Mark) >= 0) return true;
        // The last bytes may begin what the next ones end.
        if (next.Length >= reach) next[^reach..].CopyTo(_seam);
        else _seam.AsSpan(Math.Max(0, _seamLength + next.Length - reach), Math.Min(reach, _seamLength + next.Length)).CopyTo(_seam);
        _seamLength = Math.Min(reach, _seamLength + next.Length);
        return false;
    }
}
