namespace CoffreFort.Server.Edges.Blobs;

/// <summary>The store has no space left, or its quota is used up (507).</summary>
public sealed class BlobStoreFullException(Exception? innerException = null)
    : BlobStoreException("The blob store is full.", innerException);
