using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>
/// A document, or its key, for one agency: encrypted for the agency's certificate and sealed outside, so that it opens with stock <c>openssl</c>, and nothing in
/// it is looked at before the seal was verified (docs/spec/sealed-copy.md).
/// </summary>
/// <remarks>
/// An instance exists only for a copy whose seal was verified. Immutable; may be used from several threads. It keeps the bytes it was given: they must not change.
/// Memory: making or opening takes a few times the document's length, never more than the copy's own lengths say.
/// </remarks>
public sealed class SealedCopy
{
    /// <summary>The longest document that is sealed as it is, in bytes: 25 MiB. A longer one goes by its key.</summary>
    public const int LongestDocument = 25 * 1024 * 1024;

    /// <summary>The most bytes that a sealed copy has: a longest document, and 256 KiB around it.</summary>
    public const int LongestLength = LongestDocument + 256 * 1024;

    private readonly SealedCopyHeader _header;
    private readonly Envelope _envelope;

    private SealedCopy(SealEvidence evidence, SealedCopyHeader header, Envelope envelope) => (Evidence, _header, _envelope) = (evidence, header, envelope);

    /// <summary>Who sealed it, and when.</summary>
    public SealEvidence Evidence { get; }

    /// <summary>What it holds.</summary>
    public SealedCopyProfile Profile => _header.Profile;

    /// <summary>Whom it is for, in words: the certificate's serial number and issuer.</summary>
    public string Recipient => _envelope.Key.Recipient.ToString();

    /// <summary>Whether it is for this certificate.</summary>
    /// <param name="certificate">With or without its private key.</param>
    public bool IsFor(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        return _envelope.Key.Recipient.Names(certificate);
    }

    /// <summary>Seals a document (CAdES-B; <see cref="SignatureTimestamp"/> adds a timestamp).</summary>
    /// <param name="file">What to say of it, to the recipient alone.</param>
    /// <param name="content">The document, at most <see cref="LongestDocument"/> bytes.</param>
    /// <param name="recipient">Whom it is for.</param>
    /// <param name="seal">Our seal.</param>
    /// <param name="time">The signing time; seconds are kept.</param>
    /// <returns>The sealed copy (DER).</returns>
    /// <exception cref="ArgumentException">The document is too long, or the file name or media type is none.</exception>
    public static byte[] SealDocument(SealedFile file, ReadOnlySpan<byte> content, RecipientCertificate recipient, Seal seal, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(file);
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(seal);
        if (content.Length > LongestDocument) throw new ArgumentException($"A sealed document has at most {LongestDocument} bytes; hand over its key.", nameof(content));
        if (!file.IsSound) throw new ArgumentException("The file name or media type is none.", nameof(file));
        var description = Envelope.Seal(DocumentPayload.Write(file, content.Length), recipient).Encode();
        return Sign(new SealedCopyHeader(SealedCopyProfile.Document, description), Envelope.Seal(content, recipient), seal, time);
    }

    /// <summary>Seals a document's key (CAdES-B; <see cref="SignatureTimestamp"/> adds a timestamp).</summary>
    /// <param name="key">The key and what goes with it; it stays the caller's.</param>
    /// <param name="recipient">Whom it is for.</param>
    /// <param name="seal">Our seal.</param>
    /// <param name="time">The signing time; seconds are kept.</param>
    /// <returns>The sealed copy (DER).</returns>
    public static byte[] SealKey(DocumentKey key, RecipientCertificate recipient, Seal seal, DateTimeOffset time)
    {
        ArgumentNullException.ThrowIfNull(key);
        ArgumentNullException.ThrowIfNull(recipient);
        ArgumentNullException.ThrowIfNull(seal);
        var payload = KeyPayload.Write(key);
        try
        {
            return Sign(new SealedCopyHeader(SealedCopyProfile.Key, default), Envelope.Seal(payload, recipient), seal, time);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(payload);
        }
    }

    /// <summary>Reads a sealed copy and verifies its seal; nothing is decrypted.</summary>
    /// <param name="copy">The sealed copy (DER).</param>
    /// <param name="trust">Whose seals are relied on.</param>
    /// <param name="at">Now; a timestamp that is relied on counts instead.</param>
    /// <exception cref="CmsRefused">Something is wrong with it.</exception>
    public static SealedCopy Verify(ReadOnlyMemory<byte> copy, SealTrust trust, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var message = SignedMessage.Read(copy, LongestLength, "a sealed copy");
        if (message.ContentType != CmsOid.ContentInfo) throw new CmsRefused(CmsFault.Kind, "This is signed, but it is not a sealed copy.");
        var (evidence, header) = SignedVerification.Verify(message, trust, at);
        if (header is null) throw new CmsRefused(CmsFault.Kind, "This is signed and may be encrypted, but it does not say that it is a sealed copy.");
        return new SealedCopy(evidence, SealedCopyHeader.Read(header.Value), Envelope.Read(message.Content));
    }

    /// <summary>Opens a sealed document.</summary>
    /// <param name="recipient">The recipient's certificate with its private key; an expired one opens what was sealed before.</param>
    /// <exception cref="CmsRefused">It holds no document, is for another certificate, or does not open.</exception>
    public OpenedDocument OpenDocument(X509Certificate2 recipient)
    {
        Expect(SealedCopyProfile.Document, recipient);
        var description = Envelope.Read(_header.Description);
        var json = description.Open(recipient);
        var content = _envelope.Open(recipient);
        try
        {
            return new OpenedDocument(DocumentPayload.Read(json, content.Length), content);
        }
        catch (CmsRefused)
        {
            CryptographicOperations.ZeroMemory(content);
            throw;
        }
    }

    /// <summary>Opens a document's key.</summary>
    /// <param name="recipient">The recipient's certificate with its private key.</param>
    /// <param name="at">Now: an expired key is not released.</param>
    /// <exception cref="CmsRefused">It holds no key, is for another certificate, does not open, or has expired.</exception>
    public DocumentKey OpenKey(X509Certificate2 recipient, DateTimeOffset at)
    {
        Expect(SealedCopyProfile.Key, recipient);
        var json = _envelope.Open(recipient);
        try
        {
            var key = KeyPayload.Read(json);
            if (at < key.Expires) return key;
            key.Dispose();
            throw new CmsRefused(CmsFault.Expired, $"The document's key was for use until {key.Expires:O}.");
        }
        finally
        {
            CryptographicOperations.ZeroMemory(json);
        }
    }

    private static byte[] Sign(SealedCopyHeader header, Envelope envelope, Seal seal, DateTimeOffset time) =>
        SignedMessage.Sign(seal, CmsOid.ContentInfo, envelope.Encode(), time, header.Encode()).Encode();

    private void Expect(SealedCopyProfile profile, X509Certificate2 recipient)
    {
        ArgumentNullException.ThrowIfNull(recipient);
        if (!recipient.HasPrivateKey) throw new ArgumentException("The certificate has no private key.", nameof(recipient));
        if (Profile != profile) throw new CmsRefused(CmsFault.Kind, $"This sealed copy holds {(Profile == SealedCopyProfile.Key ? "a document's key" : "a document")}.");
    }
}
