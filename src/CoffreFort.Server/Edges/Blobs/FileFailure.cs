namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Turns what the file system throws into what a blob store throws.</summary>
internal static class FileFailure
{
    public static bool Is(Exception exception) => exception is IOException or UnauthorizedAccessException;

    public static BlobStoreException From(Exception exception) =>
        exception.HResult == Posix.NoSpace || exception.HResult == Posix.QuotaExceeded
            ? new BlobStoreFullException(exception)
            : new BlobStoreUnavailableException(exception);
}
