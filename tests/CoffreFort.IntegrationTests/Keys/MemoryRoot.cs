using System.Collections.Concurrent;
using CoffreFort.Cryptography;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Root keys in memory, made at once: for tests that let many months pass.</summary>
internal sealed class MemoryRoot : IRootKey
{
    private readonly ConcurrentDictionary<string, SecretKey> _keys = new();

    /// <summary>Every key that was handed out, to look at afterwards.</summary>
    public ConcurrentQueue<SecretKey> Unwrapped { get; } = [];

    /// <summary>What there was to wrap, in the memory of whoever had it wrapped.</summary>
    public ConcurrentQueue<ReadOnlyMemory<byte>> Given { get; } = [];

    /// <summary>Nothing is unwrapped before this has happened.</summary>
    public Task Ready { get; set; } = Task.CompletedTask;

    /// <summary>Happens before a key is destroyed.</summary>
    public Func<Task> Destroying { get; set; } = () => Task.CompletedTask;

    /// <summary>As of a vault that forbids purging: what is destroyed can be brought back until then.</summary>
    public DateTimeOffset? GoneAfter { get; set; }

    public bool Holds(int epoch) => _keys.ContainsKey(Id(epoch));

    public Task OpenAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task PrepareEpochAsync(int epoch, CancellationToken cancellationToken)
    {
        _keys.GetOrAdd(Id(epoch), _ => SecretKey.Generate());
        return Task.CompletedTask;
    }

    public Task<RootWrapped> WrapAsync(ReadOnlyMemory<byte> key, CancellationToken cancellationToken) => WrapAsync(0, key, cancellationToken);

    public async Task<RootWrapped> WrapAsync(int epoch, ReadOnlyMemory<byte> key, CancellationToken cancellationToken)
    {
        await PrepareEpochAsync(epoch, cancellationToken);
        Given.Enqueue(key);
        using var child = SecretKey.CopyOf(key.Span);
        return new RootWrapped(Id(epoch), KeyWrapping.Wrap(_keys[Id(epoch)], KeyPurpose.Vault, Guid.Empty, Guid.Empty, 0, child));
    }

    public async Task<SecretKey> UnwrapAsync(byte[] wrapped, string keyId, CancellationToken cancellationToken)
    {
        await Ready.WaitAsync(cancellationToken);
        var key = KeyWrapping.Unwrap(_keys.TryGetValue(keyId, out var root) ? root : throw new RootKeyRefused("gone"), KeyPurpose.Vault, Guid.Empty, Guid.Empty, 0, wrapped);
        Unwrapped.Enqueue(key);
        return key;
    }

    public async Task<DateTimeOffset?> DestroyAsync(string keyId, CancellationToken cancellationToken)
    {
        await Destroying();
        _keys.TryRemove(keyId, out _);
        return GoneAfter;
    }

    private static string Id(int epoch) => $"memory:{epoch}";
}
