using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>Seals a document while it arrives.</summary>
public static class DocumentSealing
{
    /// <summary>
    /// Reads <paramref name="plaintext"/> to its end and writes its container to <paramref name="ciphertext"/>: one pass, in constant
    /// memory, hashing on both sides while it encrypts (docs/spec/container.md §7).
    /// </summary>
    /// <param name="plaintext">The document. Neither closed nor rewound.</param>
    /// <param name="ciphertext">Gets the container. Neither flushed nor closed; after a failure it holds a useless beginning.</param>
    /// <param name="documentKey">The key, used for this one ciphertext and no other.</param>
    /// <param name="commitmentSecret">The secret under which the plaintext is committed to.</param>
    /// <param name="identity">Where the ciphertext belongs.</param>
    /// <param name="maximumLength">The longest plaintext allowed, in bytes.</param>
    /// <param name="cancellationToken">Ends the sealing with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="DocumentTooLarge">The plaintext passed the limit; thrown as soon as it does.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The limit is negative or over <see cref="ContainerLayout.MaximumPlaintextLength"/>.</exception>
    /// <exception cref="CryptographicFailure">The key is not 32 bytes long.</exception>
    /// <remarks>Failures of the streams are thrown untouched. The streams are used by one thread at a time each, but side by side.</remarks>
    public static async Task<SealedDocument> SealAsync(
        Stream plaintext,
        Stream ciphertext,
        SecretKey documentKey,
        SecretKey commitmentSecret,
        DocumentIdentity identity,
        long maximumLength,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(plaintext);
        ArgumentNullException.ThrowIfNull(ciphertext);
        ArgumentNullException.ThrowIfNull(commitmentSecret);
        ArgumentOutOfRangeException.ThrowIfNegative(maximumLength);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(maximumLength, ContainerLayout.MaximumPlaintextLength);

        using var sealer = new ContainerSealer(documentKey, identity.ContainerContext());
        using var sealing = new ContainerSealing(plaintext, ciphertext, sealer, maximumLength);
        await sealing.RunAsync(cancellationToken).ConfigureAwait(false);

        var plaintextSha256 = sealing.PlaintextSha256();
        var commitment = DocumentCommitment.Compute(commitmentSecret, identity, plaintextSha256);
        CryptographicOperations.ZeroMemory(plaintextSha256);
        return new SealedDocument(
            sealing.Length, ContainerLayout.SealedLength(sealing.Length), sealing.CiphertextSha256(), commitment, sealing.Head!);
    }
}
