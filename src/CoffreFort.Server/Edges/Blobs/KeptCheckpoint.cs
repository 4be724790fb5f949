namespace CoffreFort.Server.Edges.Blobs;

/// <summary>The log's last checkpoint, as the blob store keeps it.</summary>
/// <param name="Note">The signed note.</param>
/// <param name="Tag">Names this content (an entity tag): handed back to replace it.</param>
public sealed record KeptCheckpoint(string Note, string Tag);
