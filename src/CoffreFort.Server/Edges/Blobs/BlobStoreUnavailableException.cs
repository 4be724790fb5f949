namespace CoffreFort.Server.Edges.Blobs;

/// <summary>The store can't be reached or failed (503); trying again later may succeed.</summary>
public sealed class BlobStoreUnavailableException(Exception? innerException = null)
    : BlobStoreException("The blob store is not available.", innerException);
