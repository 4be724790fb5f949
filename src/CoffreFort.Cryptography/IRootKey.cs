namespace CoffreFort.Cryptography;

/// <summary>
/// The root of the key hierarchy, which wraps keys and never leaves its place: one lasting key, and one for each epoch that can be
/// destroyed when the epoch ends (docs/spec/keys.md §3). Implementations are thread safe.
/// </summary>
/// <remarks>Epochs are months, written as numbers: 202611.</remarks>
public interface IRootKey
{
    /// <summary>Finds out whether it can be used, and makes the lasting key where there is none.</summary>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="RootKeyRefused">It can't or must not be used as it is configured.</exception>
    Task OpenAsync(CancellationToken cancellationToken);

    /// <summary>Makes the key of an epoch ahead of time, unless it is there: so that a backup can hold it before anything rests on it.</summary>
    /// <param name="epoch">The month, such as 202611.</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    Task PrepareEpochAsync(int epoch, CancellationToken cancellationToken);

    /// <summary>Wraps a key under the lasting key.</summary>
    /// <param name="key">The key, 32 bytes.</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    Task<RootWrapped> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>Wraps an epoch's key under the key that this epoch has here, which is made where there is none.</summary>
    /// <param name="epoch">The month, such as 202611.</param>
    /// <param name="key">The key, 32 bytes.</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    Task<RootWrapped> WrapAsync(int epoch, ReadOnlyMemory<byte> key, CancellationToken cancellationToken);

    /// <summary>Unwraps what either of them wrapped.</summary>
    /// <param name="wrapped">The wrapped key.</param>
    /// <param name="keyId">Names the key it was wrapped under (<see cref="RootWrapped.KeyId"/>).</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    /// <exception cref="CryptographicFailure">It was not wrapped by this key.</exception>
    /// <exception cref="RootKeyRefused">The key of this name is not at hand: it was destroyed, or belongs to another installation.</exception>
    Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken);

    /// <summary>
    /// Destroys an epoch's key: what it wrapped opens nowhere any more. Asked for the lasting key, it puts a new one in its place. Done
    /// again, or for a key that is gone, it changes nothing.
    /// </summary>
    /// <param name="keyId">The key (<see cref="RootWrapped.KeyId"/>).</param>
    /// <param name="cancellationToken">Ends the call with <see cref="OperationCanceledException"/>.</param>
    /// <returns>Until when its provider could still bring it back; null when it is gone for good.</returns>
    /// <exception cref="RootKeyRefused">It can't be destroyed as things are; nothing was changed.</exception>
    Task<DateTimeOffset?> DestroyAsync(string keyId, CancellationToken cancellationToken);
}
