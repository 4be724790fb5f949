using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.Server.Features.Documents;

/// <summary>Whether what the store gives back is what was sealed, to its last chunk, under this key and for this very version.</summary>
internal static class ContentVerification
{
    /// <param name="blobs">The store.</param>
    /// <param name="blob">The blob's name.</param>
    /// <param name="sealedSize">How long it must be.</param>
    /// <param name="identity">Whose content it must be.</param>
    /// <param name="key">The key it was sealed with.</param>
    /// <param name="wholeUpTo">Of a longer one only the length is looked at.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>One of <see cref="Findings"/>; null when it is.</returns>
    public static async Task<string?> FindAsync(
        IBlobStore blobs, BlobName blob, long sealedSize, DocumentIdentity identity, SecretKey key, long wholeUpTo, CancellationToken cancellation)
    {
        if (await blobs.LengthAsync(blob, cancellation) is not { } length) return Findings.Missing;
        if (length != sealedSize) return Findings.Damaged;
        if (length > wholeUpTo) return null;
        try
        {
            await using var stored = await blobs.OpenReadAsync(blob, cancellationToken: cancellation);
            await DocumentVerification.VerifyAsync(stored, length, key, identity, cancellation);
            return null;
        }
        catch (CryptographicFailure)
        {
            return Findings.Damaged;
        }
        catch (BlobNotFoundException)
        {
            return Findings.Missing;
        }
    }
}
