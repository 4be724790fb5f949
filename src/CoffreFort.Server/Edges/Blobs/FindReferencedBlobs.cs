namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Answers which of the names an event refers to. The journal knows, the blob edge doesn't; asked in batches of at most
/// <see cref="BlobComparison.BatchSize"/>. It must read what is durable now, not a projection that may lag.
/// </summary>
public delegate Task<IReadOnlySet<BlobName>> FindReferencedBlobs(IReadOnlyCollection<BlobName> names, CancellationToken cancellationToken);
