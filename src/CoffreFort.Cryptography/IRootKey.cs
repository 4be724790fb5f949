namespace CoffreFort.Cryptography;

/// <summary>
/// The root of the key hierarchy, which wraps epoch keys and never leaves its place (docs/spec/keys.md §3).
/// Implementations are thread safe.
/// </summary>
public interface IRootKey
{
    /// <summary>Names the key that <see cref="WrapAsync"/> uses; stored beside each wrapped key.</summary>
    string KeyId { get; }

    /// <summary>Wraps an epoch key.</summary>
    /// <param name="key">The key, 32 bytes.</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    Task<byte[]> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>Unwraps an epoch key.</summary>
    /// <param name="wrapped">What <see cref="WrapAsync"/> returned.</param>
    /// <param name="keyId">The <see cref="KeyId"/> it was wrapped under.</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CryptographicFailure">It was not wrapped by this key.</exception>
    /// <exception cref="RootKeyRefused">The root key of this name is not at hand.</exception>
    Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken);
}
