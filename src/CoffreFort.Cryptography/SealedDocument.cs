namespace CoffreFort.Cryptography;

/// <summary>What is known of a document once it is sealed.</summary>
/// <param name="Length">The plaintext's length in bytes.</param>
/// <param name="SealedLength">The container's length in bytes.</param>
/// <param name="CiphertextSha256">SHA-256 of the whole container, 32 bytes; may be journaled.</param>
/// <param name="Commitment">The commitment to the plaintext (<see cref="DocumentCommitment"/>), 32 bytes; may be journaled.</param>
/// <param name="Head">The plaintext's first bytes, at most 512, to tell its media type: plaintext, so never stored or logged.</param>
public sealed record SealedDocument(long Length, long SealedLength, byte[] CiphertextSha256, byte[] Commitment, byte[] Head);
