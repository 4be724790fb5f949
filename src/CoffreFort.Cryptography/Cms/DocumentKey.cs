namespace CoffreFort.Cryptography.Cms;

/// <summary>What the key profile hands over: enough to open a document's ciphertext, and to check that it is the one in the journal.</summary>
/// <remarks>It owns its two secrets, and clears them when it is disposed.</remarks>
/// <param name="Key">The document key.</param>
/// <param name="Secret">The commitment secret.</param>
public sealed record DocumentKey(SecretKey Key, SecretKey Secret) : IDisposable
{
    /// <summary>Where the ciphertext belongs: it gives the container's context.</summary>
    public required DocumentIdentity Identity { get; init; }

    /// <summary>The ciphertext's length in bytes.</summary>
    public required long CiphertextLength { get; init; }

    /// <summary>SHA-256 of the ciphertext, 32 bytes, as the journal holds it.</summary>
    public required ReadOnlyMemory<byte> CiphertextSha256 { get; init; }

    /// <summary>The commitment to the plaintext, 32 bytes, as the journal holds it (<see cref="DocumentCommitment"/>).</summary>
    public required ReadOnlyMemory<byte> Commitment { get; init; }

    /// <summary>A bare file name: see <see cref="SealedFile.IsFileName"/>.</summary>
    public required string FileName { get; init; }

    /// <summary>Such as <c>application/pdf</c>.</summary>
    public required string MediaType { get; init; }

    /// <summary>The event that holds the consent under which the key was handed over.</summary>
    public required Guid ConsentEvent { get; init; }

    /// <summary>From then on the key must not be used any more.</summary>
    public required DateTimeOffset Expires { get; init; }

    /// <summary>What is said of the document.</summary>
    public SealedFile File => new(FileName, MediaType, Identity.Document, Identity.Version, ConsentEvent);

    /// <summary>Clears the secrets.</summary>
    public void Dispose()
    {
        Key.Dispose();
        Secret.Dispose();
    }
}
