using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs.Lying;

/// <summary>A file system that lies: a wrapper around a store.</summary>
internal sealed class LyingBlobStore(IBlobStore inner, Lies lies) : IBlobStore
{
    private readonly System.Collections.Concurrent.ConcurrentQueue<BlobName> stored = new();
    private KeptCheckpoint? earlier;

    public async Task<BlobUpload> BeginAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        await FailAsync(cancellationToken);
        return new Upload(this, lies, name, await inner.BeginAsync(name, cancellationToken));
    }

    public async Task<Stream> OpenReadAsync(BlobName name, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        await FailAsync(cancellationToken);
        if (lies.Tells(Lie.StaleRead)) throw new BlobNotFoundException(name);
        if (Other(name) is { } other && lies.Tells(Lie.Swapped)) name = other;
        await using var stream = await inner.OpenReadAsync(name, offset, length, cancellationToken);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, cancellationToken);
        var bytes = copy.ToArray();
        if (lies.Tells(Lie.FlippedOnRead)) bytes = lies.Flip(bytes);
        if (lies.Tells(Lie.CutBody)) bytes = bytes[..(bytes.Length / 2)];
        return lies.Tells(Lie.Busy)
            ? new FaultyStream(new MemoryStream(bytes), _ => Task.CompletedTask, () => bytes.Length / 2, Failure)
            : new MemoryStream(bytes);
    }

    public async Task<long?> LengthAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        await FailAsync(cancellationToken);
        if (lies.Tells(Lie.StaleRead)) return null;
        if (Other(name) is { } other && lies.Tells(Lie.Swapped)) name = other;
        return await inner.LengthAsync(name, cancellationToken);
    }

    public async Task<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        await FailAsync(cancellationToken);
        return await inner.DeleteAsync(name, cancellationToken);
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(CancellationToken cancellationToken = default) => inner.ListAsync(cancellationToken);

    public Task<BlobStoreHealth> ProbeAsync(CancellationToken cancellationToken = default) => inner.ProbeAsync(cancellationToken);

    public async Task<KeptCheckpoint?> ReadCheckpointAsync(CancellationToken cancellationToken = default)
    {
        await FailAsync(cancellationToken);
        var kept = await inner.ReadCheckpointAsync(cancellationToken);
        earlier ??= kept;
        if (lies.Tells(Lie.StaleRead)) return earlier;
        return kept is not null && lies.Tells(Lie.WrongTag) ? kept with { Tag = kept.Tag + "0" } : kept;
    }

    public async Task<bool> ReplaceCheckpointAsync(string note, string? tag, CancellationToken cancellationToken = default)
    {
        await FailAsync(cancellationToken);
        if (lies.Tells(Lie.NotStored)) return true;
        var replaced = await inner.ReplaceCheckpointAsync(note, tag, cancellationToken);
        return lies.Tells(Lie.StoredUnanswered) ? throw Failure() : replaced;
    }

    private static BlobStoreUnavailableException Failure() => new(new IOException("injected"));

    private async Task FailAsync(CancellationToken cancellation)
    {
        if (lies.Tells(Lie.Slow)) await Task.Delay(lies.Choose(100), cancellation);
        if (lies.Tells(Lie.Outage) || lies.Tells(Lie.Broken) || lies.Tells(Lie.Throttled)) throw Failure();
    }

    private BlobName? Other(BlobName name) => stored.Where(one => one != name).Select(one => (BlobName?)one).LastOrDefault();

    private sealed class Upload(LyingBlobStore store, Lies lies, BlobName name, BlobUpload inner) : BlobUpload
    {
        private readonly MemoryStream written = new();
        private readonly bool breaks = lies.Tells(Lie.Busy);

        public override Stream Stream => breaks ? new FaultyStream(written, _ => Task.CompletedTask, () => written.Length, Failure) : written;

        public override async Task<long> CommitAsync(CancellationToken cancellationToken = default)
        {
            await store.FailAsync(cancellationToken);
            var bytes = written.ToArray();
            if (lies.Tells(Lie.NotStored)) return bytes.Length;
            var kept = lies.Tells(Lie.FlippedOnWrite) ? lies.Flip(bytes) : lies.Tells(Lie.ShortWrite) ? bytes[..(bytes.Length / 2)] : bytes;
            await inner.Stream.WriteAsync(kept, cancellationToken);
            await inner.CommitAsync(cancellationToken);
            store.stored.Enqueue(name);
            return lies.Tells(Lie.StoredUnanswered) ? throw Failure() : bytes.Length;
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
