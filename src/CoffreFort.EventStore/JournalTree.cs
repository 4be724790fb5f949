using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Reads the journal's hash tree at any size up to the head: tiles, entries, proofs.</summary>
/// <remarks>
/// It takes stored hashes as they are. Whoever receives them verifies them against a signed root; so does the server before it hands out a proof. Safe for concurrent use.
/// Every method throws <see cref="JournalUnavailableException"/> when PostgreSQL can't be reached.
/// </remarks>
/// <param name="database">May select from the journal's tables.</param>
public sealed class JournalTree(NpgsqlDataSource database)
{
    /// <summary>A tile's hashes, 32 bytes each. Of a full one not stored yet, or a partial one, computed from what lies below it.</summary>
    /// <param name="tile">A tile of a tree not larger than the journal.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <exception cref="JournalDamagedException">An event below it is missing.</exception>
    public Task<byte[]> TileAsync(TileCoordinates tile, CancellationToken cancellation = default) =>
        WithConnectionAsync(connection => TileReader.ReadAsync(connection, tile, cancellation), cancellation);

    /// <summary>The commitments that a tile of level 0 holds the leaf hashes of, computed from the stored events.</summary>
    /// <param name="tile">A tile of level 0 of a tree not larger than the journal.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <returns>As many as the tile is wide, 32 bytes each.</returns>
    /// <exception cref="JournalDamagedException">An event is missing, or is not what was hashed: there is no right answer then.</exception>
    public Task<IReadOnlyList<byte[]>> EntriesAsync(TileCoordinates tile, CancellationToken cancellation = default) =>
        WithConnectionAsync<IReadOnlyList<byte[]>>(
            async connection =>
            {
                var entries = new List<byte[]>(tile.Width);
                var first = tile.Index * TileCoordinates.FullWidth;
                await foreach (var leaf in RecomputedLeaves.ReadAsync(connection, first, first + tile.Width, cancellation)) entries.Add(leaf.Commitment);
                return entries;
            },
            cancellation);

    /// <summary>The commitment of one leaf, computed from the stored event.</summary>
    /// <param name="index">The leaf's index, from 0.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <returns>32 bytes.</returns>
    /// <exception cref="JournalDamagedException">The event is missing, or is not what was hashed.</exception>
    public Task<byte[]> CommitmentAsync(long index, CancellationToken cancellation = default) => WithConnectionAsync(
        async connection =>
        {
            var found = Array.Empty<byte>();
            await foreach (var leaf in RecomputedLeaves.ReadAsync(connection, index, index + 1, cancellation)) found = leaf.Commitment;
            return found;
        },
        cancellation);

    /// <summary>The hashes from one leaf to the root (<see cref="InclusionProof"/>).</summary>
    /// <param name="index">The leaf's index, from 0: an event's position less one.</param>
    /// <param name="size">The tree's size, above <paramref name="index"/> and not beyond the head.</param>
    /// <param name="cancellation">Ends the read.</param>
    public Task<byte[][]> InclusionProofAsync(long index, long size, CancellationToken cancellation = default) =>
        MakeAsync(size, nodes => InclusionProof.Create(index, size, nodes), cancellation);

    /// <summary>The hashes that show a tree to be the beginning of another (<see cref="ConsistencyProof"/>).</summary>
    /// <param name="first">The older size, at least 1.</param>
    /// <param name="second">The newer size, at least <paramref name="first"/> and not beyond the head.</param>
    /// <param name="cancellation">Ends the read.</param>
    public Task<byte[][]> ConsistencyProofAsync(long first, long second, CancellationToken cancellation = default) =>
        MakeAsync(second, nodes => ConsistencyProof.Create(first, second, nodes), cancellation);

    /// <summary>The tree's root at a size, as the stored hashes make it.</summary>
    /// <param name="size">The size, not negative and not beyond the head.</param>
    /// <param name="cancellation">Ends the read.</param>
    /// <returns>32 bytes.</returns>
    public Task<byte[]> RootAsync(long size, CancellationToken cancellation = default) =>
        MakeAsync(size, nodes => TreeRoot.Of(size, nodes), cancellation);

    private Task<T> MakeAsync<T>(long size, Func<NodeHashSource, T> make, CancellationToken cancellation) => WithConnectionAsync(
        async connection => make((await TileReader.SourceAsync(connection, size, nodes => make(nodes), cancellation)).Node), cancellation);

    private Task<T> WithConnectionAsync<T>(Func<NpgsqlConnection, Task<T>> read, CancellationToken cancellation) => Journal.Guarded(async () =>
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        return await read(connection);
    });
}
