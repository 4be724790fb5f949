namespace CoffreFort.Transparency;

/// <summary>The nodes of one tree, computed from tiles that were fetched beforehand.</summary>
/// <remarks>
/// It believes the tiles: a proof made from them shows by itself whether they were right, when it is verified against a root. Whoever relies on
/// the tiles' hashes directly reads them through <see cref="VerifiedTiles"/>. Not thread-safe while tiles are added.
/// </remarks>
public sealed class TileHashSource
{
    private readonly Dictionary<(int Level, long Index), byte[]> _tiles = [];

    /// <summary>Over a tree of a size, as yet without tiles.</summary>
    /// <param name="size">The number of leaves, not negative.</param>
    public TileHashSource(long size)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        Size = size;
    }

    /// <summary>How many leaves the tree has.</summary>
    public long Size { get; }

    /// <summary>The tiles that making something out of a tree's nodes will ask for: to be fetched, all at once, before it is really made.</summary>
    /// <param name="size">The number of leaves of the tree.</param>
    /// <param name="use">What is to be made, such as <c>nodes => InclusionProof.Create(index, size, nodes)</c>; it is run once over meaningless hashes.</param>
    public static IReadOnlyCollection<TileCoordinates> Needed(long size, Action<NodeHashSource> use)
    {
        ArgumentNullException.ThrowIfNull(use);
        var needed = new HashSet<TileCoordinates>();
        var nothing = new byte[MerkleHash.Length];
        use((level, index) =>
        {
            needed.Add(TileCoordinates.Holding(level, index, size));
            return nothing;
        });
        return needed;
    }

    /// <summary>The root of a tile's hashes; of a full tile, the hash that stands for it in the tile above.</summary>
    /// <param name="hashes">The tile, 32 bytes a hash, at least one.</param>
    /// <exception cref="ArgumentException">The length is not that of a tile.</exception>
    public static byte[] Root(ReadOnlySpan<byte> hashes)
    {
        if (hashes.IsEmpty || hashes.Length % MerkleHash.Length != 0 || hashes.Length > TileCoordinates.FullWidth * MerkleHash.Length)
            throw new ArgumentException($"A tile is 1 to {TileCoordinates.FullWidth} hashes of {MerkleHash.Length} bytes, not {hashes.Length} bytes.", nameof(hashes));
        var tree = Frontier.Empty;
        for (; !hashes.IsEmpty; hashes = hashes[MerkleHash.Length..]) tree.Append(hashes[..MerkleHash.Length]);
        return tree.Root();
    }

    /// <summary>Gives it a tile.</summary>
    /// <param name="tile">Which one.</param>
    /// <param name="hashes">Its hashes. They are not copied.</param>
    /// <exception cref="ArgumentException">The tile has another width in this tree, or the hashes are not as many.</exception>
    public void Add(TileCoordinates tile, byte[] hashes)
    {
        ArgumentNullException.ThrowIfNull(hashes);
        if (tile.Width != TileCoordinates.WidthIn(tile.Level, tile.Index, Size)) throw new ArgumentException($"The tree of {Size} leaves has no tile {tile}.", nameof(tile));
        if (hashes.Length != tile.Width * MerkleHash.Length) throw new ArgumentException($"Tile {tile} is {tile.Width} hashes, not {hashes.Length} bytes.", nameof(hashes));
        _tiles[(tile.Level, tile.Index)] = hashes;
    }

    /// <summary>A node of the tree; give it where a <see cref="NodeHashSource"/> is asked for.</summary>
    /// <param name="level">The node's height.</param>
    /// <param name="index">Its index within that height.</param>
    /// <exception cref="ArgumentOutOfRangeException">The tree has no such node.</exception>
    /// <exception cref="KeyNotFoundException">The tile that it needs was not given.</exception>
    public byte[] Node(int level, long index)
    {
        TileCoordinates tile = TileCoordinates.Holding(level, index, Size);
        if (!_tiles.TryGetValue((tile.Level, tile.Index), out byte[]? hashes)) throw new KeyNotFoundException($"Tile {tile} was not given.");
        int height = level % TileCoordinates.Height;
        int first = (int)((index << height) % TileCoordinates.FullWidth);
        return Root(hashes.AsSpan(first * MerkleHash.Length, MerkleHash.Length << height));
    }
}
