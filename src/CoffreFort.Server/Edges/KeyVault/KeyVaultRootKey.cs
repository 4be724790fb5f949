using System.Buffers.Text;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.RegularExpressions;
using CoffreFort.Cryptography;

namespace CoffreFort.Server.Edges.KeyVault;

/// <summary>
/// Root keys in Azure Key Vault: RSA-3072 keys that never leave it, one that lasts and one for each epoch, which is deleted and purged when that ends. What a keyring
/// wrapped before still opens by the keyring. Safe for concurrent use.
/// </summary>
public sealed partial class KeyVaultRootKey(KeyVaultClient vault, KeyVaultSettings settings, Func<FileKeyring> keyring, TimeProvider clock) : IRootKey
{
    private const int DeletionLooks = 10;
    private static readonly TimeSpan BetweenLooks = TimeSpan.FromSeconds(1);

    /// <summary>Wraps and unwraps once: the address, the identity and all rights that serving needs.</summary>
    public async Task OpenAsync(CancellationToken cancellationToken)
    {
        using var key = SecretKey.Generate();
        var wrapped = await WrapAsync(key.Bytes.ToArray(), cancellationToken);
        using var again = await UnwrapAsync(wrapped.Bytes, wrapped.KeyId, cancellationToken);
        if (!again.Bytes.SequenceEqual(key.Bytes)) throw new RootKeyRefused($"The key vault {vault.Vault} gave another key back than it was given.");
    }

    public Task PrepareEpochAsync(int epoch, CancellationToken cancellationToken) => EnsureAsync(NameOf(epoch), cancellationToken);

    public Task<RootWrapped> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => WrapAsync($"{settings.Prefix}-root", key, cancellationToken);

    public Task<RootWrapped> WrapAsync(int epoch, ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => WrapAsync(NameOf(epoch), key, cancellationToken);

    public async Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken)
    {
        if (IsFile(keyId)) return await keyring().UnwrapAsync(wrapped, keyId, cancellationToken);
        var (name, version) = Parse(keyId) ?? throw new RootKeyRefused($"The keys were wrapped under {keyId}, which is not a key of the vault {vault.Vault} that Keys:Azure:Vault names.");
        using var answer = await SendAsync($"keys/{name}/{version}/unwrapkey", wrapped, cancellationToken);
        if (answer.IsSuccess) return answer.Key();
        // The service's word for bytes that this key did not wrap.
        throw answer.Status == StatusCodes.Status400BadRequest ? new CryptographicFailure() : Refused($"can't unwrap under {keyId}", answer);
    }

    public async Task<DateTimeOffset?> DestroyAsync(string keyId, CancellationToken cancellationToken)
    {
        if (IsFile(keyId)) return await keyring().DestroyAsync(keyId, cancellationToken);
        if (Parse(keyId) is not var (name, _) || !IsEpoch(name)) throw new RootKeyRefused($"{keyId} is not the key of an epoch in the vault {vault.Vault}.");
        using (var deleted = await vault.SendAsync(HttpMethod.Delete, $"keys/{name}", null, cancellationToken))
        {
            if (!deleted.IsSuccess && deleted.Status is not (StatusCodes.Status404NotFound or StatusCodes.Status409Conflict)) throw Refused($"can't delete {name}", deleted);
        }

        return await PurgeAsync(name, cancellationToken);
    }

    /// <summary>A deleted key is there for some moments neither way; then it can be purged, unless the vault keeps it for its days of retention.</summary>
    private async Task<DateTimeOffset?> PurgeAsync(string name, CancellationToken cancellation)
    {
        for (var looks = 1; ; looks++)
        {
            using var purged = await vault.SendAsync(HttpMethod.Delete, $"deletedkeys/{name}", null, cancellation);
            if (purged.Status == StatusCodes.Status403Forbidden) return await KeptUntilAsync(name, purged, cancellation);
            if (purged.IsSuccess || (purged.Status == StatusCodes.Status404NotFound && await IsGoneAsync(name, cancellation))) return null;
            if (looks >= DeletionLooks) throw new Unavailable($"The key vault {vault.Vault} has not deleted {name} yet: {purged.Words}.");
            await Task.Delay(BetweenLooks, clock, cancellation);
        }
    }

    /// <summary>Purge protection, or an identity without the right to purge: either way it can be brought back until then.</summary>
    private async Task<DateTimeOffset?> KeptUntilAsync(string name, KeyVaultAnswer refusal, CancellationToken cancellation)
    {
        using var deleted = await vault.SendAsync(HttpMethod.Get, $"deletedkeys/{name}", null, cancellation);
        return deleted.IsSuccess && deleted.Instant("scheduledPurgeDate") is { } until ? until : throw Refused($"can't purge {name}", refusal);
    }

    private async Task<bool> IsGoneAsync(string name, CancellationToken cancellation)
    {
        using var live = await vault.SendAsync(HttpMethod.Get, $"keys/{name}", null, cancellation);
        using var deleted = await vault.SendAsync(HttpMethod.Get, $"deletedkeys/{name}", null, cancellation);
        return live.Status == StatusCodes.Status404NotFound && deleted.Status == StatusCodes.Status404NotFound;
    }

    private async Task<RootWrapped> WrapAsync(string name, ReadOnlyMemory<byte> key, CancellationToken cancellation)
    {
        for (var made = false; ; made = true)
        {
            using var answer = await SendAsync($"keys/{name}/wrapkey", key, cancellation);
            if (answer.Status == StatusCodes.Status404NotFound && !made)
            {
                await EnsureAsync(name, cancellation);
                continue;
            }

            if (!answer.IsSuccess) throw Refused($"can't wrap under {name}", answer);
            // Which version it was, the service says; it must be one of this key.
            return answer.Text("kid") is { } id && Parse(id) is { } parsed && parsed.Name == name && answer.Value() is { } wrapped
                ? new RootWrapped(id, wrapped)
                : throw new Unavailable($"The key vault {vault.Vault} gave an answer that is not one.");
        }
    }

    private async Task EnsureAsync(string name, CancellationToken cancellation)
    {
        using (var there = await vault.SendAsync(HttpMethod.Get, $"keys/{name}", null, cancellation))
        {
            if (there.IsSuccess) return;
            if (there.Status != StatusCodes.Status404NotFound) throw Refused($"can't look at {name}", there);
        }

        using var made = await vault.SendAsync(HttpMethod.Post, $"keys/{name}/create", """{"kty":"RSA","key_size":3072,"key_ops":["wrapKey","unwrapKey"]}"""u8.ToArray(), cancellation);
        if (!made.IsSuccess) throw Refused($"can't make {name}", made);
    }

    /// <summary>Only keys of the vault that is set: nobody who writes a row sends our token elsewhere.</summary>
    private (string Name, string Version)? Parse(string keyId) =>
        Uri.TryCreate(keyId, UriKind.Absolute, out var id) && id.Scheme == settings.Vault.Scheme && id.Authority == settings.Vault.Authority && KeyPath().Match(id.PathAndQuery) is { Success: true } match
            ? (match.Groups[1].Value, match.Groups[2].Value)
            : null;

    private string NameOf(int epoch) => string.Create(CultureInfo.InvariantCulture, $"{settings.Prefix}-{epoch}");

    private bool IsEpoch(string name) => name.StartsWith(settings.Prefix + "-", StringComparison.Ordinal) && name[(settings.Prefix.Length + 1)..] is { Length: 6 } month && month.All(char.IsAsciiDigit);

    private static bool IsFile(string keyId) => keyId.StartsWith("file:", StringComparison.Ordinal);

    /// <summary>What is sent may be a bare key: it is cleared.</summary>
    private async Task<KeyVaultAnswer> SendAsync(string path, ReadOnlyMemory<byte> value, CancellationToken cancellation)
    {
        var body = GC.AllocateUninitializedArray<byte>(Start.Length + Base64Url.GetEncodedLength(value.Length) + 2, pinned: true);
        try
        {
            Start.CopyTo(body);
            Base64Url.EncodeToUtf8(value.Span, body.AsSpan(Start.Length));
            "\"}"u8.CopyTo(body.AsSpan(body.Length - 2));
            return await vault.SendAsync(HttpMethod.Post, path, body, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(body);
        }
    }

    private static ReadOnlySpan<byte> Start => "{\"alg\":\"RSA-OAEP-256\",\"value\":\""u8;

    private RootKeyRefused Refused(string what, KeyVaultAnswer answer) => new($"The key vault {vault.Vault} {what}: {answer.Words}. The server's identity needs the role Key Vault Crypto Officer there.");

    [GeneratedRegex("^/keys/([0-9a-zA-Z-]{1,127})/([0-9a-zA-Z]{1,64})$", RegexOptions.CultureInvariant)]
    private static partial Regex KeyPath();
}
