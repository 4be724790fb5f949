using System.Numerics;

namespace CoffreFort.Transparency;

/// <summary>Roots of ranges of leaves, from the hashes of perfect subtrees.</summary>
internal static class Subtree
{
    /// <summary>The largest power of two smaller than <paramref name="size"/>: where RFC 6962 splits a tree of two leaves or more.</summary>
    public static long Split(long size) => 1L << BitOperations.Log2((ulong)(size - 1));

    /// <summary>The root of the leaves from <paramref name="begin"/> up to <paramref name="end"/>, a range that RFC 6962's splitting can arrive at.</summary>
    public static byte[] Root(long begin, long end, NodeHashSource source)
    {
        long size = end - begin;
        if (BitOperations.IsPow2(size))
        {
            int level = BitOperations.Log2((ulong)size);
            return source(level, begin >> level);
        }

        long middle = begin + Split(size);
        var root = new byte[MerkleHash.Length];
        MerkleHash.Node(Root(begin, middle, source), Root(middle, end, source), root);
        return root;
    }

    /// <summary>A source over leaf hashes in memory; it hashes a node's leaves anew each time it is asked.</summary>
    public static NodeHashSource Over(IReadOnlyList<byte[]> leafHashes) => (level, index) =>
    {
        var subtree = Frontier.Empty;
        long first = index << level;
        for (long leaf = first; leaf < first + (1L << level); leaf++) subtree.Append(leafHashes[(int)leaf]);
        return subtree.Root();
    };
}
