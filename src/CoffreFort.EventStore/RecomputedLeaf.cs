namespace CoffreFort.EventStore;

/// <summary>One event's place in the hash tree, computed from its stored bytes.</summary>
/// <param name="Position">The event's position; its leaf's index is one less.</param>
/// <param name="Commitment">The leaf's data, 32 bytes.</param>
/// <param name="Hash">The leaf's hash, 32 bytes.</param>
public readonly record struct RecomputedLeaf(long Position, byte[] Commitment, byte[] Hash);
