namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// A blob being written: write <see cref="Stream"/>, then <see cref="CommitAsync"/>, then dispose. Disposing without a
/// commit aborts. Used by one caller at a time.
/// </summary>
public abstract class BlobUpload : IAsyncDisposable
{
    /// <summary>
    /// Takes the bytes, forward only and unbuffered: write in large steps (about 1 MiB). Disposing the stream neither
    /// commits nor aborts, so a cipher or hashing stream may be wrapped around it and closed.
    /// </summary>
    /// <remarks>Throws <see cref="BlobStoreFullException"/> and <see cref="BlobStoreUnavailableException"/>, never a bare IOException.</remarks>
    public abstract Stream Stream { get; }

    /// <summary>
    /// Makes the blob durable, then visible, and returns its length. Once begun it isn't cancelled half-way; when it
    /// throws, the upload is over and the name is as it was before.
    /// </summary>
    /// <exception cref="BlobAlreadyExistsException">Another blob has the name; it is untouched.</exception>
    /// <exception cref="BlobStoreFullException">No space.</exception>
    /// <exception cref="BlobStoreUnavailableException">The store failed; whether the blob exists is then for the sweeper to find out.</exception>
    /// <exception cref="InvalidOperationException">Committed before, or over after a failure.</exception>
    public abstract Task<long> CommitAsync(CancellationToken cancellationToken = default);

    /// <summary>Aborts the upload unless it was committed. Never throws: what can't be removed is removed at the next start.</summary>
    public abstract ValueTask DisposeAsync();
}
