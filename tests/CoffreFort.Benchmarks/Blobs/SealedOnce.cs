using CoffreFort.Cryptography;

namespace CoffreFort.Benchmarks.Blobs;

/// <summary>One sealed container in memory, so that stores are measured and not the sealing.</summary>
internal sealed class SealedOnce
{
    private readonly byte[] bytes;

    public SealedOnce(long plaintext)
    {
        using var stream = new MemoryStream();
        using var secret = SecretKey.Generate();
        DocumentSealing.SealAsync(new MemoryStream(new byte[plaintext]), stream, Key, secret, Identity, plaintext).GetAwaiter().GetResult();
        bytes = stream.ToArray();
    }

    public SecretKey Key { get; } = SecretKey.Generate();

    public DocumentIdentity Identity { get; } = new(Guid.NewGuid(), Guid.NewGuid(), 1);

    public long Length => bytes.Length;

    public async Task WriteAsync(Stream to, int step)
    {
        for (var at = 0; at < bytes.Length; at += step) await to.WriteAsync(bytes.AsMemory(at, Math.Min(step, bytes.Length - at)));
    }
}
