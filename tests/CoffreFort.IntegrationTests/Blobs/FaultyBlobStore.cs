using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>
/// A store that fails on command, around a real one. Set a fault, run, and look at <see cref="Injected"/>: a test of a
/// fault that never came proves nothing.
/// </summary>
public sealed class FaultyBlobStore(IBlobStore inner) : IBlobStore
{
    private int injected;
    private int opened;

    /// <summary>How often a fault was really injected.</summary>
    public int Injected => Volatile.Read(ref injected);

    /// <summary>How often a blob was opened to be read.</summary>
    public int Opened => Volatile.Read(ref opened);

    /// <summary>Uploads fail with <see cref="WriteFault"/> once they have taken this many bytes.</summary>
    public long? FailWriteAt { get; set; }

    /// <summary>What a failing write throws; a full disk unless set.</summary>
    public Func<Exception> WriteFault { get; set; } = () => new BlobStoreFullException(new IOException("No space left on device", 28));

    /// <summary>Reads fail as an unavailable store once they have given this many bytes.</summary>
    public long? FailReadAt { get; set; }

    /// <summary>The commit fails and nothing is stored.</summary>
    public bool FailCommit { get; set; }

    /// <summary>The commit succeeds, but its caller is told otherwise: the answer was lost.</summary>
    public bool LoseCommitAnswer { get; set; }

    /// <summary>Reading and asking for the length find nothing.</summary>
    public bool MissingOnRead { get; set; }

    /// <summary>Every call fails at once.</summary>
    public bool Down { get; set; }

    /// <summary>Runs before each write, read and commit: await a signal there to make the store slow without sleeping.</summary>
    public Func<CancellationToken, Task> Before { get; set; } = _ => Task.CompletedTask;

    public async Task<BlobUpload> BeginAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        return new Upload(this, await inner.BeginAsync(name, cancellationToken));
    }

    public async Task<Stream> OpenReadAsync(BlobName name, long offset = 0, long? length = null, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        if (MissingOnRead)
            throw Inject(new BlobNotFoundException(name));
        Interlocked.Increment(ref opened);
        var stream = await inner.OpenReadAsync(name, offset, length, cancellationToken);
        return new FaultyStream(stream, Before, () => FailReadAt, () => Inject(Failure()));
    }

    public Task<long?> LengthAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        if (!MissingOnRead)
            return inner.LengthAsync(name, cancellationToken);
        Interlocked.Increment(ref injected);
        return Task.FromResult<long?>(null);
    }

    public Task<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        return inner.DeleteAsync(name, cancellationToken);
    }

    public IAsyncEnumerable<BlobEntry> ListAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        return inner.ListAsync(cancellationToken);
    }

    public Task<BlobStoreHealth> ProbeAsync(CancellationToken cancellationToken = default)
    {
        if (!Down)
            return inner.ProbeAsync(cancellationToken);
        Interlocked.Increment(ref injected);
        return Task.FromResult(new BlobStoreHealth(false, null, "injected"));
    }

    /// <summary>The copy of the checkpoint is written, but its caller is told otherwise.</summary>
    public bool LoseCheckpointAnswer { get; set; }

    /// <summary>Runs before the copy of the checkpoint is written.</summary>
    public Func<Task> BeforeCheckpoint { get; set; } = () => Task.CompletedTask;

    /// <summary>Runs when it is written, before its caller is told.</summary>
    public Func<Task> AfterCheckpoint { get; set; } = () => Task.CompletedTask;

    public Task<KeptCheckpoint?> ReadCheckpointAsync(CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        return inner.ReadCheckpointAsync(cancellationToken);
    }

    public async Task<bool> ReplaceCheckpointAsync(string note, string? tag, CancellationToken cancellationToken = default)
    {
        ThrowIfDown();
        await BeforeCheckpoint();
        var replaced = await inner.ReplaceCheckpointAsync(note, tag, cancellationToken);
        await AfterCheckpoint();
        return LoseCheckpointAnswer ? throw Inject(Failure()) : replaced;
    }

    private static BlobStoreUnavailableException Failure() => new(new IOException("injected"));

    private void ThrowIfDown()
    {
        if (Down)
            throw Inject(Failure());
    }

    private Exception Inject(Exception fault)
    {
        Interlocked.Increment(ref injected);
        return fault;
    }

    private sealed class Upload(FaultyBlobStore store, BlobUpload inner) : BlobUpload
    {
        private readonly FaultyStream stream = new(inner.Stream, store.Before, () => store.FailWriteAt, () => store.Inject(store.WriteFault()));

        public override Stream Stream => stream;

        public override async Task<long> CommitAsync(CancellationToken cancellationToken = default)
        {
            await store.Before(cancellationToken);
            if (store.FailCommit)
            {
                await inner.DisposeAsync();
                throw store.Inject(Failure());
            }
            if (stream.Failed)
                throw new InvalidOperationException("A write failed.");
            var length = await inner.CommitAsync(cancellationToken);
            return store.LoseCommitAnswer ? throw store.Inject(Failure()) : length;
        }

        public override ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
