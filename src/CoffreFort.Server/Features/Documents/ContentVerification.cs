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
        if (sealedSize > wholeUpTo)
            return await blobs.LengthAsync(blob, cancellation) is { } length ? length == sealedSize ? null : Findings.Damaged : Findings.Missing;
        try
        {
            await using var stored = await blobs.OpenReadAsync(blob, cancellationToken: cancellation);
            // Refuses one that is shorter or longer.
            await DocumentVerification.VerifyAsync(stored, sealedSize, key, identity, cancellation);
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

    /// <summary>The same for a small one, whose plaintext is kept meanwhile.</summary>
    /// <param name="blobs">The store.</param>
    /// <param name="blob">The blob's name.</param>
    /// <param name="sealedSize">How long it must be.</param>
    /// <param name="identity">Whose content it must be.</param>
    /// <param name="key">The key it was sealed with.</param>
    /// <param name="plaintext">As long as the content must be; gets what opens, and holds nothing to go by when something was found.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>One of <see cref="Findings"/>; null when it is.</returns>
    public static async Task<string?> OpenAsync(
        IBlobStore blobs, BlobName blob, long sealedSize, DocumentIdentity identity, SecretKey key, Stream plaintext, CancellationToken cancellation)
    {
        try
        {
            await using var stored = await blobs.OpenReadAsync(blob, cancellationToken: cancellation);
            var header = new byte[ContainerLayout.HeaderLength];
            var read = await stored.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellation);
            using var opener = new ContainerOpener(key, identity.ContainerContext(), header.AsSpan(0, read), sealedSize);
            if (opener.PlaintextLength != plaintext.Length) return Findings.Damaged;
            // Refuses bytes behind the end as well as a missing one.
            await opener.OpenRangeAsync(stored, 0, opener.PlaintextLength, plaintext, cancellation);
            return null;
        }
        catch (Exception failure) when (failure is CryptographicFailure or EndOfStreamException)
        {
            return Findings.Damaged;
        }
        catch (BlobNotFoundException)
        {
            return Findings.Missing;
        }
    }
}
