using CoffreFort.Cryptography;

namespace CoffreFort.Server.Operations;

/// <summary>The keyring's root key, opened at its first use: what is the matter with the keyring must not keep a command from looking at all else.</summary>
internal sealed class RootKeyWhenUsed(Func<FileKeyring> keyring) : IRootKey
{
    public Task OpenAsync(CancellationToken cancellationToken) => keyring().OpenAsync(cancellationToken);

    public Task PrepareEpochAsync(int epoch, CancellationToken cancellationToken) => keyring().PrepareEpochAsync(epoch, cancellationToken);

    public Task<RootWrapped> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => keyring().WrapAsync(key, cancellationToken);

    public Task<RootWrapped> WrapAsync(int epoch, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => keyring().WrapAsync(epoch, key, cancellationToken);

    public Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken) => keyring().UnwrapAsync(wrapped, keyId, cancellationToken);

    public Task<DateTimeOffset?> DestroyAsync(string keyId, CancellationToken cancellationToken) => keyring().DestroyAsync(keyId, cancellationToken);
}
