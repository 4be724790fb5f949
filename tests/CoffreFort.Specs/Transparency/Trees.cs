using CoffreFort.Transparency;

namespace CoffreFort.Specs.Transparency;

/// <summary>Leaves to grow trees from, and RFC 6962's own recursive definition of a root, written naively, to compare with.</summary>
internal static class Trees
{
    public static byte[][] Leaves(int count) => [.. Enumerable.Range(0, count).Select(i => Leaf(BitConverter.GetBytes(i)))];

    public static byte[] Leaf(byte[] data)
    {
        var hash = new byte[MerkleHash.Length];
        MerkleHash.Leaf(data, hash);
        return hash;
    }

    public static byte[] NaiveRoot(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0) return System.Security.Cryptography.SHA256.HashData([]);
        if (leaves.Length == 1) return leaves[0];
        int split = 1;
        while (split * 2 < leaves.Length) split *= 2;
        byte[] children = [1, .. NaiveRoot(leaves[..split]), .. NaiveRoot(leaves[split..])];
        return System.Security.Cryptography.SHA256.HashData(children);
    }

    public static Frontier FrontierOf(IEnumerable<byte[]> leaves)
    {
        var frontier = Frontier.Empty;
        foreach (byte[] leaf in leaves) frontier.Append(leaf);
        return frontier;
    }

    public static byte[] Flipped(byte[] hash, int bit = 0)
    {
        byte[] flipped = [.. hash];
        flipped[bit / 8] ^= (byte)(1 << (bit % 8));
        return flipped;
    }
}
