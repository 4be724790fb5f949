namespace CoffreFort.Server.Edges.Blobs;

/// <summary>What a copy did: blobs and bytes copied and read back, blobs that were in the target already and are the same, and blobs that are not in the target as they are in the source.</summary>
public readonly record struct BlobCopyResult(long Copied, long CopiedBytes, long Compared, long Failed);
