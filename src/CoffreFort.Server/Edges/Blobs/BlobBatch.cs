namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Some blobs of the store, and those among them that no event refers to.</summary>
public sealed record BlobBatch(IReadOnlyList<BlobEntry> Entries, IReadOnlyList<BlobEntry> WithoutEvents);
