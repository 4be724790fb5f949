using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Cryptography;

/// <summary>A container with everything that opens it, and the plaintext it must give back.</summary>
internal sealed record SampleContainer(byte[] Plaintext, byte[] Sealed, SecretKey Key, DocumentIdentity Identity)
{
    public static SampleContainer OfLength(int length)
    {
        var plaintext = new byte[length];
        new Random(length).NextBytes(plaintext);
        var key = SecretKey.Generate();
        var identity = new DocumentIdentity(Guid.NewGuid(), Guid.NewGuid(), 3);
        using var sealer = new ContainerSealer(key, identity.ContainerContext());
        var container = new byte[ContainerLayout.SealedLength(length)];
        sealer.WriteHeader(container);
        var written = ContainerLayout.HeaderLength;
        var rest = plaintext.AsSpan();
        for (; rest.Length >= ContainerLayout.ChunkLength; rest = rest[ContainerLayout.ChunkLength..])
            written += sealer.SealChunk(rest[..ContainerLayout.ChunkLength], container.AsSpan(written));
        sealer.SealFinalChunk(rest, container.AsSpan(written));
        return new(plaintext, container, key, identity);
    }

    public ContainerOpener Opener(byte[]? container = null)
    {
        container ??= Sealed;
        return new(Key, Identity.ContainerContext(), container.AsSpan(0, Math.Min(container.Length, ContainerLayout.HeaderLength)), container.Length);
    }

    /// <summary>Opens a range as a reader of the blob store would: only the bytes it needs.</summary>
    public async Task<byte[]> OpenRangeAsync(long offset, long length)
    {
        using var opener = Opener();
        var (from, count) = opener.SealedRange(offset, length);
        using var range = new MemoryStream(Sealed, (int)from, (int)count);
        using var destination = new MemoryStream();
        await opener.OpenRangeAsync(range, offset, length, destination, CancellationToken.None);
        return destination.ToArray();
    }

    /// <summary>Opens another container's bytes whole, and returns what was released before the refusal; null when nothing was refused.</summary>
    public async Task<byte[]?> ReleasedBeforeRefusalAsync(byte[] container)
    {
        using var destination = new MemoryStream();
        try
        {
            using var opener = Opener(container);
            using var chunks = new MemoryStream(container[ContainerLayout.HeaderLength..]);
            await opener.OpenRangeAsync(chunks, 0, opener.PlaintextLength, destination, CancellationToken.None);
            return null;
        }
        catch (CryptographicFailure)
        {
            return destination.ToArray();
        }
    }
}
