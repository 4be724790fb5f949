namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Whether the store takes writes now, the free bytes where the store knows them, and else the problem in words for operators; and what it keeps
/// of erased blobs, where its owner set it up so.
/// </summary>
public sealed record BlobStoreHealth(bool Writable, long? FreeBytes, string? Problem, string? KeepsErased = null);
