namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Whether the store takes writes now, the free bytes where the store knows them, and else the problem in words for operators.
/// </summary>
public sealed record BlobStoreHealth(bool Writable, long? FreeBytes, string? Problem);
