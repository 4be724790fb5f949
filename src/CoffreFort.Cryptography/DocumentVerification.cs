using System.Security.Cryptography;

namespace CoffreFort.Cryptography;

/// <summary>Verifies a whole stored container without releasing any of it, in constant memory.</summary>
public static class DocumentVerification
{
    /// <summary>Checks length, commitment and the tag of every chunk.</summary>
    /// <param name="ciphertext">The container from its first byte to its last.</param>
    /// <param name="sealedLength">The container's length as the store or the journal states it.</param>
    /// <param name="documentKey">The key it was sealed with.</param>
    /// <param name="identity">Where it belongs.</param>
    /// <param name="cancellationToken">Ends the verification with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CryptographicFailure">It does not verify, or the stream is shorter or longer than stated.</exception>
    public static Task VerifyAsync(
        Stream ciphertext, long sealedLength, SecretKey documentKey, DocumentIdentity identity, CancellationToken cancellationToken = default) =>
        VerifyAsync(ciphertext, sealedLength, documentKey, identity, hash: null, cancellationToken);

    /// <summary>Also checks that the container is byte for byte the one with this SHA-256.</summary>
    /// <param name="ciphertext">The container from its first byte to its last.</param>
    /// <param name="sealedLength">The container's length as the store or the journal states it.</param>
    /// <param name="documentKey">The key it was sealed with.</param>
    /// <param name="identity">Where it belongs.</param>
    /// <param name="ciphertextSha256">The hash the journal holds, 32 bytes.</param>
    /// <param name="cancellationToken">Ends the verification with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CryptographicFailure">It does not verify, or the stream is shorter or longer than stated.</exception>
    public static async Task VerifyAsync(
        Stream ciphertext,
        long sealedLength,
        SecretKey documentKey,
        DocumentIdentity identity,
        ReadOnlyMemory<byte> ciphertextSha256,
        CancellationToken cancellationToken = default)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        await VerifyAsync(ciphertext, sealedLength, documentKey, identity, hash, cancellationToken).ConfigureAwait(false);
        if (!CryptographicOperations.FixedTimeEquals(hash.GetHashAndReset(), ciphertextSha256.Span))
            throw new CryptographicFailure();
    }

    private static async Task VerifyAsync(
        Stream ciphertext, long sealedLength, SecretKey documentKey, DocumentIdentity identity, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(ciphertext);
        var header = new byte[ContainerLayout.HeaderLength];
        var read = await ciphertext.ReadAtLeastAsync(header, header.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        using var opener = new ContainerOpener(documentKey, identity.ContainerContext(), header.AsSpan(0, read), sealedLength);
        hash?.AppendData(header);
        var opening = new ContainerOpening(opener, ciphertext, firstChunk: 0, opener.ChunkCount) { Hash = hash };
        await opening.RunAsync(cancellationToken).ConfigureAwait(false);
    }
}
