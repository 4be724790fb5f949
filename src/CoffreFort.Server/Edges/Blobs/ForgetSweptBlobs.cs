namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Destroys the keys of blobs that no event names, before these are deleted: copies of them in backups must not open either.</summary>
public delegate Task ForgetSweptBlobs(IReadOnlyCollection<BlobName> names, CancellationToken cancellationToken);
