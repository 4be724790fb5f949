namespace CoffreFort.Server.Edges.Blobs;

/// <summary>No blob has this name. An event that names it makes this an integrity failure, not a normal answer.</summary>
public sealed class BlobNotFoundException(BlobName name, Exception? innerException = null)
    : BlobStoreException($"There is no blob {name}.", innerException);
