using System.Numerics;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// Writes the full tiles of the journal's hash tree, from leaves computed anew out of the stored bytes of events; what is stored beside an event as its
/// leaf hash is only compared (docs/spec/checkpoint-and-tiles.md).
/// </summary>
/// <remarks>
/// For the one who signs checkpoints: <see cref="ResumeAsync"/> once, then <see cref="ExtendAsync"/> before each signature, whose root is what may be signed. Constant memory.
/// May be interrupted anywhere, and run on several nodes at once: a tile is inserted once, and one that is there already must be the same. Stateless.
/// </remarks>
public static class JournalTiles
{
    private const int Full = TileCoordinates.FullWidth;
    private const int Slab = 16 * Full;

    // The first hole; a tile before the first one stands for the beginning.
    private const string FirstMissingSql = """
        select min(place.index) + 1
        from (select index from coffrefort.journal_tiles where level = 0 union all select -1) as place
        where not exists (select from coffrefort.journal_tiles next where next.level = 0 and next.index = place.index + 1)
        """;

    private const string InsertSql = """
        insert into coffrefort.journal_tiles (level, index, hashes, root)
        select * from unnest($1, $2, $3, $4) on conflict do nothing
        """;

    private const string DifferentSql = """
        select t.level, t.index from unnest($1, $2, $3, $4) as made(level, index, hashes, root)
        join coffrefort.journal_tiles t using (level, index)
        where t.hashes <> made.hashes or t.root <> made.root order by t.level, t.index limit 1
        """;

    /// <summary>
    /// The tree's right edge at a size: taken from the stored tiles as far as they go without a hole, and from there on from the events, with their full tiles written.
    /// </summary>
    /// <param name="connection">Of the application's role, without an open transaction.</param>
    /// <param name="size">Of the last checkpoint, or 0; not beyond the head.</param>
    /// <param name="cancellation">Ends the work; the tiles written so far stay.</param>
    /// <returns>The frontier of that size. It rests on stored tiles: <em>its root must be compared</em> with the one that was signed.</returns>
    /// <exception cref="JournalDamagedException">An event is not what was hashed, or a stored tile not what its events make.</exception>
    public static async Task<Frontier> ResumeAsync(NpgsqlConnection connection, long size, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentOutOfRangeException.ThrowIfNegative(size);
        await using var command = new NpgsqlCommand(FirstMissingSql, connection);
        var stored = Math.Min((long)(await command.ExecuteScalarAsync(cancellation))!, size / Full) * Full;
        void Edge(NodeHashSource nodes) => EdgeOf(stored, nodes);
        var source = await TileReader.SourceAsync(connection, stored, Edge, cancellation);
        return await ExtendAsync(connection, Frontier.FromBytes(stored, EdgeOf(stored, source.Node)), size, cancellation);
    }

    /// <summary>Computes the leaves of the events after a frontier's, writes the full tiles that they complete, and gives the frontier that follows.</summary>
    /// <remarks>
    /// Where a tile is completed whose beginning the frontier already covers, those leaves are computed again too, and must lead to that frontier:
    /// an event that was changed since is found here.
    /// </remarks>
    /// <param name="connection">Of the application's role, without an open transaction.</param>
    /// <param name="frontier">Where to begin; stays as it is.</param>
    /// <param name="until">The size to reach; not below the frontier's, not beyond the head.</param>
    /// <param name="cancellation">Ends the work; the tiles written so far stay.</param>
    /// <returns>The frontier of <paramref name="until"/> leaves; its root is that of the stored bytes.</returns>
    /// <exception cref="JournalDamagedException">An event is not what was hashed, or a stored tile not what its events make.</exception>
    public static async Task<Frontier> ExtendAsync(NpgsqlConnection connection, Frontier frontier, long until, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(connection);
        ArgumentNullException.ThrowIfNull(frontier);
        ArgumentOutOfRangeException.ThrowIfLessThan(until, frontier.Size);
        var grown = frontier.Clone();
        while (grown.Size < until)
            await ExtendBySlabAsync(connection, grown, Math.Min(until, ((grown.Size / Slab) + 1) * Slab), cancellation);
        return grown;
    }

    private static async Task ExtendBySlabAsync(NpgsqlConnection connection, Frontier frontier, long end, CancellationToken cancellation)
    {
        // Without a tile to complete, the leaves before the frontier are not needed again.
        var begin = end / Full > frontier.Size / Full ? frontier.Size - (frontier.Size % Full) : frontier.Size;
        var leaves = new byte[(end - begin) * MerkleHash.Length];
        await foreach (var leaf in RecomputedLeaves.ReadAsync(connection, begin, end, cancellation))
            leaf.Hash.CopyTo(leaves, (leaf.Position - 1 - begin) * MerkleHash.Length);

        var known = (int)(frontier.Size - begin) * MerkleHash.Length;
        RequireSame(Appended(frontier.ToBytes(), begin, leaves.AsSpan(0, known)), frontier, begin + 1, $"Events {begin + 1} to {frontier.Size} are not those that were hashed before.");
        Append(frontier, leaves.AsSpan(known, leaves.Length - known - MerkleHash.Length));
        var before = frontier.ToBytes();
        frontier.Append(leaves.AsSpan(^MerkleHash.Length..));
        var tiles = new List<(TileCoordinates Tile, byte[] Hashes)>();
        for (var first = begin; first + Full <= end; first += Full)
            tiles.Add((new TileCoordinates(0, first / Full), leaves.AsSpan((int)(first - begin) * MerkleHash.Length, Full * MerkleHash.Length).ToArray()));
        if (tiles.Count == 0) return;

        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await InsertAsync(connection, tiles, cancellation);
        var size = end;
        for (var level = 1; size % (Full * Full) == 0; level++)
        {
            size /= Full;
            var tile = new TileCoordinates(level, (size / Full) - 1);
            var hashes = await TileReader.ComputeAsync(connection, tile, cancellation);
            RequireSame(Appended(before, size - Full, hashes), frontier, null, $"The stored tiles below tile {tile} are not what their events make.");
            await InsertAsync(connection, [(tile, hashes)], cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>
    /// What the edge becomes from <paramref name="size"/> on, with more appended. An edge of many leaves is, cut to the subtrees of 256^l, also one of that many
    /// tiles of level l; the subtrees that both have in common stand first.
    /// </summary>
    private static byte[] Appended(byte[] edge, long size, ReadOnlySpan<byte> hashes)
    {
        var tree = Frontier.FromBytes(size, edge.AsSpan(0, BitOperations.PopCount((ulong)size) * MerkleHash.Length));
        Append(tree, hashes);
        return tree.ToBytes();
    }

    private static void Append(Frontier tree, ReadOnlySpan<byte> hashes)
    {
        for (; !hashes.IsEmpty; hashes = hashes[MerkleHash.Length..]) tree.Append(hashes[..MerkleHash.Length]);
    }

    private static void RequireSame(byte[] computed, Frontier frontier, long? position, string otherwise)
    {
        if (!computed.AsSpan().SequenceEqual(frontier.ToBytes())) throw new JournalDamagedException(position, otherwise);
    }

    private static byte[] EdgeOf(long size, NodeHashSource nodes) =>
        [.. Enumerable.Range(0, 63).Reverse().Where(level => (size >> level & 1) == 1).SelectMany(level => nodes(level, (size >> level) - 1))];

    private static async Task InsertAsync(NpgsqlConnection connection, List<(TileCoordinates Tile, byte[] Hashes)> tiles, CancellationToken cancellation)
    {
        object[] columns =
        [
            tiles.Select(made => (short)made.Tile.Level).ToArray(), tiles.Select(made => made.Tile.Index).ToArray(),
            tiles.Select(made => made.Hashes).ToArray(), tiles.Select(made => TileHashSource.Root(made.Hashes)).ToArray(),
        ];
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(InsertSql), new(DifferentSql) } };
        foreach (var command in batch.BatchCommands)
            foreach (var column in columns) command.Parameters.Add(new NpgsqlParameter { Value = column });
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (await reader.ReadAsync(cancellation))
            throw new JournalDamagedException(null, $"The stored tile {new TileCoordinates(reader.GetInt16(0), reader.GetInt64(1))} is not what its events make.");
    }
}
