namespace CoffreFort.Server.Edges.Blobs;

/// <summary>What a blob store throws.</summary>
/// <remarks>
/// Not an <see cref="IOException"/>: a failing store must not be taken for a client that went away, which Kestrel reports as one.
/// </remarks>
public abstract class BlobStoreException(string message, Exception? innerException) : Exception(message, innerException);
