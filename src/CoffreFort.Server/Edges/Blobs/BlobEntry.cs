namespace CoffreFort.Server.Edges.Blobs;

/// <summary>One committed blob: its length in bytes, and when it was committed.</summary>
public readonly record struct BlobEntry(BlobName Name, long Length, DateTimeOffset Created);
