namespace CoffreFort.Transparency;

/// <summary>Proofs that a leaf stands at a given place in a tree (RFC 9162 §2.1.3). Stateless, callable from any thread.</summary>
public static class InclusionProof
{
    /// <summary>Makes the proof for one leaf: the siblings on its way to the root, the lowest first.</summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The number of leaves of the tree that the proof is for; greater than <paramref name="index"/>.</param>
    /// <param name="nodes">Gives the hashes of perfect subtrees.</param>
    /// <returns>At most 63 hashes of 32 bytes; none for a tree of one leaf.</returns>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf in a tree of that size.</exception>
    public static byte[][] Create(long index, long size, NodeHashSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, size);

        var siblings = new List<byte[]>();
        long begin = 0;
        long end = size;
        while (end - begin > 1)
        {
            long middle = begin + Subtree.Split(end - begin);
            if (index < middle)
            {
                siblings.Add(Subtree.Root(middle, end, nodes));
                end = middle;
            }
            else
            {
                siblings.Add(Subtree.Root(begin, middle, nodes));
                begin = middle;
            }
        }

        siblings.Reverse();
        return [.. siblings];
    }

    /// <summary>Makes the proof for one leaf of the tree of <paramref name="size"/> leaves whose leaf hashes are the first in a list.</summary>
    /// <inheritdoc cref="Create(long, long, NodeHashSource)"/>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The number of leaves of the tree that the proof is for.</param>
    /// <param name="leafHashes">At least <paramref name="size"/> leaf hashes (<see cref="MerkleHash.Leaf"/>) of 32 bytes.</param>
    public static byte[][] Create(long index, long size, IReadOnlyList<byte[]> leafHashes)
    {
        ArgumentNullException.ThrowIfNull(leafHashes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(size, leafHashes.Count);
        return Create(index, size, Subtree.Over(leafHashes));
    }

    /// <summary>Whether a proof shows the leaf at its place under the root (RFC 9162 §2.1.3.2).</summary>
    /// <remarks>
    /// Strict: an index outside the tree, a hash of another length, a proof with too few or too many elements are all refused.
    /// Never throws for what a stranger sent.
    /// </remarks>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="leafHash">The leaf's hash (<see cref="MerkleHash.Leaf"/>), not its data.</param>
    /// <param name="proof">The siblings, the lowest first.</param>
    /// <param name="root">The root of the tree of <paramref name="size"/> leaves, from a source that is trusted.</param>
    public static bool Verify(long index, long size, ReadOnlySpan<byte> leafHash, IReadOnlyList<byte[]> proof, ReadOnlySpan<byte> root)
    {
        if (index < 0 || index >= size) return false;
        if (leafHash.Length != MerkleHash.Length || root.Length != MerkleHash.Length || !WellFormed(proof)) return false;

        Span<byte> hash = stackalloc byte[MerkleHash.Length];
        leafHash.CopyTo(hash);
        long node = index;
        long last = size - 1;
        foreach (byte[] sibling in proof)
        {
            if (last == 0) return false;
            if (long.IsOddInteger(node) || node == last)
            {
                MerkleHash.Node(sibling, hash, hash);
                // A node at the right edge without a right sibling is carried up unchanged until it has a left one.
                while (long.IsEvenInteger(node) && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                MerkleHash.Node(hash, sibling, hash);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && hash.SequenceEqual(root);
    }

    internal static bool WellFormed(IReadOnlyList<byte[]>? proof) => proof is not null && proof.All(hash => hash is { Length: MerkleHash.Length });
}
