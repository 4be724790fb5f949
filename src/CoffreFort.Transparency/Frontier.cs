using System.Numerics;

namespace CoffreFort.Transparency;

/// <summary>
/// The right edge of a growing tree: the roots of its perfect subtrees, which is all that is needed to append to it and to know its root.
/// </summary>
/// <remarks>
/// A tree of <see cref="Size"/> leaves has one perfect subtree for every bit set in its size, so a frontier never holds more than 63 hashes.
/// It is mutable and not thread-safe: one writer owns it, and hands out <see cref="Clone"/>s.
/// </remarks>
public sealed class Frontier
{
    private byte[] _hashes;

    private Frontier(long size, byte[] hashes)
    {
        Size = size;
        _hashes = hashes;
    }

    /// <summary>A new frontier of the tree without leaves, at each call another one.</summary>
    public static Frontier Empty => new(0, new byte[8 * MerkleHash.Length]);

    /// <summary>How many leaves the tree has.</summary>
    public long Size { get; private set; }

    private int Count => BitOperations.PopCount((ulong)Size);

    /// <summary>Reads what <see cref="ToBytes"/> wrote. The bytes are copied.</summary>
    /// <param name="size">The number of leaves, not negative.</param>
    /// <param name="bytes">The subtrees' roots, the largest subtree's first: 32 bytes for every bit set in <paramref name="size"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="size"/> is negative.</exception>
    /// <exception cref="ArgumentException">The length does not fit the size. (Whether the hashes are right, only a comparison of roots can tell.)</exception>
    public static Frontier FromBytes(long size, ReadOnlySpan<byte> bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        int expected = BitOperations.PopCount((ulong)size) * MerkleHash.Length;
        if (bytes.Length != expected)
            throw new ArgumentException($"The frontier of a tree of {size} leaves is {expected} bytes, not {bytes.Length}.", nameof(bytes));
        return new Frontier(size, bytes.ToArray());
    }

    /// <summary>Adds the next leaf. Does not allocate, but for the rare growth of the tree's height.</summary>
    /// <param name="leafHash">The leaf's hash (<see cref="MerkleHash.Leaf"/>), exactly 32 bytes.</param>
    /// <exception cref="ArgumentException"><paramref name="leafHash"/> is not 32 bytes long; the frontier is unchanged.</exception>
    /// <exception cref="OverflowException">The tree already has 2⁶³ − 1 leaves; the frontier is unchanged.</exception>
    public void Append(ReadOnlySpan<byte> leafHash)
    {
        MerkleHash.RequireLength(leafHash, nameof(leafHash));
        long grown = Size + 1;
        int top = Count;
        if ((top + 1) * MerkleHash.Length > _hashes.Length)
            Array.Resize(ref _hashes, (top + 8) * MerkleHash.Length);
        leafHash.CopyTo(Hash(top));

        // As in binary addition, every trailing one of the old size is a subtree that the new one completes into a larger.
        for (int carries = BitOperations.TrailingZeroCount(grown); carries > 0; carries--, top--)
            MerkleHash.Node(Hash(top - 1), Hash(top), Hash(top - 1));
        Size = grown;
    }

    /// <summary>The tree's root (RFC 6962 §2.1): 32 bytes, <see cref="MerkleHash.Empty"/> for the tree without leaves.</summary>
    public byte[] Root()
    {
        if (Size == 0) return MerkleHash.Empty.ToArray();
        byte[] root = Hash(Count - 1).ToArray();
        for (int i = Count - 2; i >= 0; i--) MerkleHash.Node(Hash(i), root, root);
        return root;
    }

    /// <summary>The subtrees' roots, the largest subtree's first, 32 bytes each, for <see cref="FromBytes"/>.</summary>
    public byte[] ToBytes() => _hashes[..(Count * MerkleHash.Length)];

    /// <summary>An independent copy.</summary>
    public Frontier Clone() => new(Size, _hashes[..]);

    private Span<byte> Hash(int position) => _hashes.AsSpan(position * MerkleHash.Length, MerkleHash.Length);
}
