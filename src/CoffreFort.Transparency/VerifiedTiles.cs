namespace CoffreFort.Transparency;

/// <summary>A client's view of a log through its tiles alone, every one of them authenticated against a checkpoint's root before it is used.</summary>
/// <remarks>
/// The partial tiles at the right edge together make the root; a full tile's root stands in the tile above it, up to a partial one. So each hash given out
/// is one that the checkpoint commits to, whoever served it. Keeps at most <see cref="MostKept"/> tiles in memory. Not thread-safe.
/// </remarks>
public sealed class VerifiedTiles
{
    /// <summary>How many tiles above level 0 are kept, of 8 KiB each.</summary>
    public const int MostKept = 256;

    private readonly Checkpoint _checkpoint;
    private readonly Func<TileCoordinates, CancellationToken, Task<byte[]>> _fetch;
    private readonly Dictionary<TileCoordinates, byte[]> _kept = [];
    private Dictionary<TileCoordinates, byte[]>? _edge;

    /// <summary>Over a checkpoint and a way to fetch what nobody needs to trust.</summary>
    /// <param name="checkpoint">The checkpoint, from a source that is trusted (<see cref="Checkpoint.TryOpen"/>).</param>
    /// <param name="fetch">Gives a tile's bytes: HTTP, a folder. What it throws is passed on.</param>
    public VerifiedTiles(Checkpoint checkpoint, Func<TileCoordinates, CancellationToken, Task<byte[]>> fetch)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        ArgumentNullException.ThrowIfNull(fetch);
        (_checkpoint, _fetch) = (checkpoint, fetch);
    }

    /// <summary>A tile of the checkpoint's tree, authenticated.</summary>
    /// <param name="tile">The tile, with the width that it has in that tree.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Its hashes, 32 bytes each.</returns>
    /// <exception cref="ArgumentException">The tree has no such tile.</exception>
    /// <exception cref="InvalidDataException">What was fetched is not what the checkpoint commits to; the message names the tile.</exception>
    public async Task<ReadOnlyMemory<byte>> ReadAsync(TileCoordinates tile, CancellationToken cancellation = default) => await TileAsync(tile, cancellation).ConfigureAwait(false);

    /// <summary>Whether a leaf stands in the checkpoint's tree: finds out by the tile that holds it.</summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="leafHash">The leaf's hash (<see cref="MerkleHash.Leaf"/>).</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidDataException">What was fetched is not what the checkpoint commits to; the message names the tile.</exception>
    public async Task<bool> ContainsAsync(long index, ReadOnlyMemory<byte> leafHash, CancellationToken cancellation = default)
    {
        if (index < 0 || index >= _checkpoint.Size) return false;
        byte[] hashes = await TileAsync(TileCoordinates.Holding(0, index, _checkpoint.Size), cancellation).ConfigureAwait(false);
        return hashes.AsSpan((int)(index % TileCoordinates.FullWidth) * MerkleHash.Length, MerkleHash.Length).SequenceEqual(leafHash.Span);
    }

    /// <summary>The proof of one leaf under the checkpoint's root.</summary>
    /// <inheritdoc cref="InclusionProof.Create(long, long, NodeHashSource)"/>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidDataException">What was fetched is not what the checkpoint commits to; the message names the tile.</exception>
    public Task<byte[][]> InclusionProofAsync(long index, CancellationToken cancellation = default) =>
        MakeAsync(nodes => InclusionProof.Create(index, _checkpoint.Size, nodes), cancellation);

    /// <summary>The proof that an older tree is the beginning of the checkpoint's.</summary>
    /// <inheritdoc cref="ConsistencyProof.Create(long, long, NodeHashSource)"/>
    /// <param name="first">The number of leaves of the older tree, at least 1.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="InvalidDataException">What was fetched is not what the checkpoint commits to; the message names the tile.</exception>
    public Task<byte[][]> ConsistencyProofAsync(long first, CancellationToken cancellation = default) =>
        MakeAsync(nodes => ConsistencyProof.Create(first, _checkpoint.Size, nodes), cancellation);

    private async Task<byte[][]> MakeAsync(Func<NodeHashSource, byte[][]> make, CancellationToken cancellation)
    {
        var source = new TileHashSource(_checkpoint.Size);
        foreach (TileCoordinates tile in TileHashSource.Needed(_checkpoint.Size, nodes => make(nodes)))
            source.Add(tile, await TileAsync(tile, cancellation).ConfigureAwait(false));
        return make(source.Node);
    }

    private async Task<byte[]> TileAsync(TileCoordinates tile, CancellationToken cancellation)
    {
        if (tile.Width != TileCoordinates.WidthIn(tile.Level, tile.Index, _checkpoint.Size))
            throw new ArgumentException($"The tree of {_checkpoint.Size} leaves has no tile {tile}.", nameof(tile));
        _edge ??= await EdgeAsync(cancellation).ConfigureAwait(false);
        if (_edge.TryGetValue(tile, out byte[]? edge)) return edge;
        if (_kept.TryGetValue(tile, out byte[]? kept)) return kept;

        TileCoordinates above = TileCoordinates.Holding((tile.Level + 1) * TileCoordinates.Height, tile.Index, _checkpoint.Size);
        byte[] parent = await TileAsync(above, cancellation).ConfigureAwait(false);
        byte[] hashes = await FetchAsync(tile, cancellation).ConfigureAwait(false);
        int place = (int)(tile.Index % TileCoordinates.FullWidth) * MerkleHash.Length;
        if (!parent.AsSpan(place, MerkleHash.Length).SequenceEqual(TileHashSource.Root(hashes)))
            throw new InvalidDataException($"Tile {tile} is not the one that the checkpoint of {_checkpoint.Size} leaves commits to.");
        if (_kept.Count == MostKept) _kept.Clear();
        if (tile.Level > 0) _kept[tile] = hashes;
        return hashes;
    }

    private async Task<Dictionary<TileCoordinates, byte[]>> EdgeAsync(CancellationToken cancellation)
    {
        var edge = new Dictionary<TileCoordinates, byte[]>();
        var source = new TileHashSource(_checkpoint.Size);
        foreach (TileCoordinates tile in TileCoordinates.PartialTiles(_checkpoint.Size))
        {
            edge[tile] = await FetchAsync(tile, cancellation).ConfigureAwait(false);
            source.Add(tile, edge[tile]);
        }

        byte[] root = TreeRoot.Of(_checkpoint.Size, source.Node);
        return root.AsSpan().SequenceEqual(_checkpoint.Root.Span)
            ? edge
            : throw new InvalidDataException($"The partial tiles {string.Join(", ", edge.Keys)} do not make the root of the checkpoint of {_checkpoint.Size} leaves.");
    }

    private async Task<byte[]> FetchAsync(TileCoordinates tile, CancellationToken cancellation)
    {
        byte[] hashes = await _fetch(tile, cancellation).ConfigureAwait(false);
        return hashes.Length == tile.Width * MerkleHash.Length
            ? hashes
            : throw new InvalidDataException($"Tile {tile} is {hashes.Length} bytes long instead of {tile.Width * MerkleHash.Length}.");
    }
}
