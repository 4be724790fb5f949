using CoffreFort.Transparency;

namespace CoffreFort.EventStore;

/// <summary>A tree that grows leaf by leaf, and the tiles that it completes: each 256 hashes of one level, side by side. Not safe for concurrent use.</summary>
internal sealed class HashTree
{
    public const int TileWidth = 256;

    private readonly List<byte[]> _edges = [];
    private readonly List<long> _hashes = [];
    private readonly Frontier _frontier;

    public HashTree() => _frontier = Frontier.Empty;

    private HashTree(HashTree other)
    {
        _frontier = other._frontier.Clone();
        _edges.AddRange(other._edges.Select(edge => edge[..]));
        _hashes.AddRange(other._hashes);
        Completed = new(other.Completed);
    }

    public long Size => _frontier.Size;

    /// <summary>What was completed since this was last emptied, by level and index.</summary>
    public Dictionary<(int Level, long Index), byte[]> Completed { get; } = [];

    public byte[] Root() => _frontier.Root();

    public byte[] FrontierBytes() => _frontier.ToBytes();

    public HashTree Clone() => new(this);

    public void Append(ReadOnlySpan<byte> leaf)
    {
        _frontier.Append(leaf);
        Add(0, leaf);
    }

    /// <summary>The tile at the right edge of a level, which is not full; empty when there is none.</summary>
    public ReadOnlySpan<byte> Edge(int level, long index) =>
        level < _edges.Count && index == _hashes[level] / TileWidth ? _edges[level].AsSpan(0, (int)(_hashes[level] % TileWidth) * MerkleHash.Length) : [];

    private void Add(int level, ReadOnlySpan<byte> hash)
    {
        if (level == _edges.Count)
        {
            _edges.Add(new byte[TileWidth * MerkleHash.Length]);
            _hashes.Add(0);
        }

        hash.CopyTo(_edges[level].AsSpan((int)(_hashes[level] % TileWidth) * MerkleHash.Length));
        if (++_hashes[level] % TileWidth != 0) return;
        Completed[(level, (_hashes[level] / TileWidth) - 1)] = _edges[level][..];
        var tile = Frontier.Empty;
        for (var i = 0; i < TileWidth; i++) tile.Append(_edges[level].AsSpan(i * MerkleHash.Length, MerkleHash.Length));
        Add(level + 1, tile.Root());
    }
}
