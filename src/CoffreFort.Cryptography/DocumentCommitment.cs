using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>
/// The commitment to a document's plaintext that stands in the journal instead of its hash (docs/spec/container.md §7).
/// </summary>
/// <remarks>
/// Forms are guessable, so a bare hash would tell anyone who can guess a form whether it is the one deposited. The commitment
/// tells nothing without its secret, and proves the content to whoever is given the secret. All members are thread safe.
/// </remarks>
public static class DocumentCommitment
{
    /// <summary>The length of a commitment in bytes.</summary>
    public const int Length = HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Label => "coffrefort/commit/v1"u8;

    /// <summary>Computes the commitment.</summary>
    /// <param name="secret">The commitment secret of this document version.</param>
    /// <param name="identity">The document version; the vault takes no part.</param>
    /// <param name="plaintextSha256">SHA-256 of the plaintext, 32 bytes.</param>
    /// <exception cref="ArgumentException">The hash has another length.</exception>
    public static byte[] Compute(SecretKey secret, DocumentIdentity identity, ReadOnlySpan<byte> plaintextSha256)
    {
        ArgumentNullException.ThrowIfNull(secret);
        if (plaintextSha256.Length != SHA256.HashSizeInBytes)
            throw new ArgumentException("A SHA-256 hash has 32 bytes.", nameof(plaintextSha256));

        var message = new byte[Label.Length + 1 + 16 + 4 + SHA256.HashSizeInBytes];
        new ByteLayout(message).Label(Label).Uuid(identity.Document).UInt32(identity.Version).Bytes(plaintextSha256).End();
        var commitment = HMACSHA256.HashData(secret.Bytes, message);
        CryptographicOperations.ZeroMemory(message);
        return commitment;
    }

    /// <summary>Whether <paramref name="commitment"/> is the one for this content, compared in fixed time.</summary>
    /// <inheritdoc cref="Compute"/>
    public static bool Matches(SecretKey secret, DocumentIdentity identity, ReadOnlySpan<byte> plaintextSha256, ReadOnlySpan<byte> commitment) =>
        CryptographicOperations.FixedTimeEquals(Compute(secret, identity, plaintextSha256), commitment);
}
