namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Keeps sealed documents: opaque bytes under random names, written once, never changed, deleted at erasure.
/// </summary>
/// <remarks>
/// Every member may throw <see cref="BlobStoreUnavailableException"/> (503) and observes cancellation;
/// <see cref="BlobStoreFullException"/> (507) comes from writing. Safe for concurrent use. The contract suite in the
/// integration tests runs over every implementation.
/// </remarks>
public interface IBlobStore
{
    /// <summary>
    /// Opens an upload. Nothing is visible under <paramref name="name"/> until the upload is committed; disposing it
    /// uncommitted leaves nothing.
    /// </summary>
    /// <exception cref="BlobAlreadyExistsException">May be thrown already here when the name is taken; else the commit throws it.</exception>
    Task<BlobUpload> BeginAsync(BlobName name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Opens <paramref name="length"/> bytes from <paramref name="offset"/>, both clipped to the blob's end: an offset
    /// at or past the end gives an empty stream. Null reads to the end.
    /// </summary>
    /// <remarks>
    /// The stream reads forward only, buffers nothing, and throws this store's exceptions. A blob deleted while it is
    /// read may be read to its end or end in an exception, never in silence before its end.
    /// </remarks>
    /// <exception cref="BlobNotFoundException">No such blob.</exception>
    /// <exception cref="ArgumentOutOfRangeException">A negative offset or length.</exception>
    Task<Stream> OpenReadAsync(BlobName name, long offset = 0, long? length = null, CancellationToken cancellationToken = default);

    /// <summary>The blob's length in bytes, or null when there is no such blob.</summary>
    Task<long?> LengthAsync(BlobName name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Deletes a blob and returns when its absence is durable. False says that there was none: deleting twice is no error.
    /// </summary>
    Task<bool> DeleteAsync(BlobName name, CancellationToken cancellationToken = default);

    /// <summary>
    /// Lists the committed blobs, in no promised order, in constant memory. A blob committed or deleted meanwhile may or
    /// may not be listed; what isn't a blob of ours is passed over.
    /// </summary>
    IAsyncEnumerable<BlobEntry> ListAsync(CancellationToken cancellationToken = default);

    /// <summary>Tries whether the store can be written now, for readiness. Reports, never throws (but for cancellation).</summary>
    Task<BlobStoreHealth> ProbeAsync(CancellationToken cancellationToken = default);

    /// <summary>The copy of the log's last checkpoint that is kept beside the blobs, out of the journal's reach; null when there is none.</summary>
    Task<KeptCheckpoint?> ReadCheckpointAsync(CancellationToken cancellationToken = default);

    /// <summary>
    /// Replaces that copy if it is still the one that was read, and returns when the new one is durable (HTTP: <c>If-Match</c>, <c>If-None-Match: *</c>).
    /// It is there whole or not at all, whatever dies meanwhile.
    /// </summary>
    /// <param name="note">The signed note.</param>
    /// <param name="tag">What <see cref="ReadCheckpointAsync"/> gave with the copy to replace; null when there was none.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <returns>False when somebody else replaced it: nothing was written.</returns>
    Task<bool> ReplaceCheckpointAsync(string note, string? tag, CancellationToken cancellationToken = default);
}
