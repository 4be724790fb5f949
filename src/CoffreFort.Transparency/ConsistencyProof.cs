using System.Numerics;

namespace CoffreFort.Transparency;

/// <summary>Proofs that a tree only grew: that the older one is a prefix of the newer one (RFC 9162 §2.1.4). Stateless, callable from any thread.</summary>
public static class ConsistencyProof
{
    /// <summary>Makes the proof between two sizes of one tree.</summary>
    /// <param name="first">The number of leaves of the older tree, at least 1.</param>
    /// <param name="second">The number of leaves of the newer tree, at least <paramref name="first"/>.</param>
    /// <param name="nodes">Gives the hashes of perfect subtrees.</param>
    /// <returns>At most 64 hashes of 32 bytes, in the order of RFC 9162; none when the sizes are equal.</returns>
    /// <exception cref="ArgumentOutOfRangeException">The older tree is empty (everything is consistent with it) or larger than the newer.</exception>
    public static byte[][] Create(long first, long second, NodeHashSource nodes)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(first);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(first, second);

        var hashes = new List<byte[]>();
        long begin = 0;
        long end = second;
        while (end != first)
        {
            long middle = begin + Subtree.Split(end - begin);
            if (first <= middle)
            {
                hashes.Add(Subtree.Root(middle, end, nodes));
                end = middle;
            }
            else
            {
                hashes.Add(Subtree.Root(begin, middle, nodes));
                begin = middle;
            }
        }

        // When nothing was split off at the left, what remains is the older tree itself, whose root the verifier has.
        if (begin != 0) hashes.Add(Subtree.Root(begin, end, nodes));
        hashes.Reverse();
        return [.. hashes];
    }

    /// <summary>Makes the proof between two sizes of the tree whose leaf hashes are the first in a list.</summary>
    /// <inheritdoc cref="Create(long, long, NodeHashSource)"/>
    /// <param name="first">The number of leaves of the older tree, at least 1.</param>
    /// <param name="second">The number of leaves of the newer tree, at least <paramref name="first"/>.</param>
    /// <param name="leafHashes">At least <paramref name="second"/> leaf hashes (<see cref="MerkleHash.Leaf"/>) of 32 bytes.</param>
    public static byte[][] Create(long first, long second, IReadOnlyList<byte[]> leafHashes)
    {
        ArgumentNullException.ThrowIfNull(leafHashes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(second, leafHashes.Count);
        return Create(first, second, Subtree.Over(leafHashes));
    }

    /// <summary>Whether a proof shows the newer root to contain the older one's leaves, in their order, at its beginning (RFC 9162 §2.1.4.2).</summary>
    /// <remarks>
    /// Strict: an empty older tree, sizes in the wrong order, a hash of another length, a proof with too few or too many elements are all
    /// refused; equal sizes need equal roots and an empty proof. Never throws for what a stranger sent.
    /// </remarks>
    /// <param name="first">The number of leaves of the older tree.</param>
    /// <param name="second">The number of leaves of the newer tree.</param>
    /// <param name="firstRoot">The older root.</param>
    /// <param name="secondRoot">The newer root.</param>
    /// <param name="proof">The hashes, in the order of RFC 9162.</param>
    public static bool Verify(long first, long second, ReadOnlySpan<byte> firstRoot, ReadOnlySpan<byte> secondRoot, IReadOnlyList<byte[]> proof)
    {
        if (first <= 0 || first > second) return false;
        if (firstRoot.Length != MerkleHash.Length || secondRoot.Length != MerkleHash.Length || !InclusionProof.WellFormed(proof)) return false;
        if (first == second) return proof.Count == 0 && firstRoot.SequenceEqual(secondRoot);
        if (proof.Count == 0) return false;

        // Where the older tree is one perfect subtree, the proof leaves out its root and starts from it.
        bool startsAtFirstRoot = BitOperations.IsPow2(first);
        ReadOnlySpan<byte> start = startsAtFirstRoot ? firstRoot : proof[0];
        int shift = BitOperations.TrailingZeroCount(first);
        return Climb((first - 1) >> shift, (second - 1) >> shift, start, proof.Skip(startsAtFirstRoot ? 0 : 1), firstRoot, secondRoot);
    }

    private static bool Climb(
        long node, long last, ReadOnlySpan<byte> start, IEnumerable<byte[]> siblings, ReadOnlySpan<byte> firstRoot, ReadOnlySpan<byte> secondRoot)
    {
        Span<byte> older = stackalloc byte[MerkleHash.Length];
        Span<byte> newer = stackalloc byte[MerkleHash.Length];
        start.CopyTo(older);
        start.CopyTo(newer);
        foreach (byte[] sibling in siblings)
        {
            if (last == 0) return false;
            if (long.IsOddInteger(node) || node == last)
            {
                MerkleHash.Node(sibling, older, older);
                MerkleHash.Node(sibling, newer, newer);
                while (long.IsEvenInteger(node) && node != 0) (node, last) = (node >> 1, last >> 1);
            }
            else
            {
                MerkleHash.Node(newer, sibling, newer);
            }

            (node, last) = (node >> 1, last >> 1);
        }

        return last == 0 && older.SequenceEqual(firstRoot) && newer.SequenceEqual(secondRoot);
    }
}
