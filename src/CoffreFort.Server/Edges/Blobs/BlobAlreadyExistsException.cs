namespace CoffreFort.Server.Edges.Blobs;

/// <summary>The name is taken; a name exists once and is never overwritten.</summary>
public sealed class BlobAlreadyExistsException(BlobName name, Exception? innerException = null)
    : BlobStoreException($"A blob {name} exists already.", innerException);
