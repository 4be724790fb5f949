namespace CoffreFort.Transparency;

/// <summary>The root of a whole tree (RFC 6962 §2.1). Pure, callable from any thread.</summary>
public static class TreeRoot
{
    /// <summary>The root from the hashes of perfect subtrees.</summary>
    /// <param name="size">The number of leaves, not negative.</param>
    /// <param name="nodes">Gives the hashes of perfect subtrees.</param>
    /// <returns>32 bytes; <see cref="MerkleHash.Empty"/> for the tree without leaves.</returns>
    public static byte[] Of(long size, NodeHashSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        return size == 0 ? MerkleHash.Empty.ToArray() : Subtree.Root(0, size, nodes);
    }
}
