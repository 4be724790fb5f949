using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>The hashes of tiles: of a full one as it is stored, of any other computed from the tiles and leaf hashes below it.</summary>
internal static class TileReader
{
    private const string TileSql = "select hashes from coffrefort.journal_tiles where level = $1 and index = $2";

    private const string RootsSql = "select index, root from coffrefort.journal_tiles where level = $1 and index >= $2 and index < $3 order by index";

    private const string LeavesSql = "select seq_id, leaf_hash from coffrefort.mt_events where seq_id > $1 and seq_id <= $2 order by seq_id";

    public static async Task<byte[]> ReadAsync(NpgsqlConnection connection, TileCoordinates tile, CancellationToken cancellation)
    {
        // What a tile holds never changes as it fills up, so a full one answers for the partial ones before it.
        await using (var command = new NpgsqlCommand(TileSql, connection))
        {
            command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)tile.Level });
            command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tile.Index });
            if (await command.ExecuteScalarAsync(cancellation) is byte[] stored) return stored[..(tile.Width * MerkleHash.Length)];
        }

        return await ComputeAsync(connection, tile, cancellation);
    }

    /// <summary>From what lies below it, whether or not the tile itself is stored.</summary>
    public static async Task<byte[]> ComputeAsync(NpgsqlConnection connection, TileCoordinates tile, CancellationToken cancellation)
    {
        var first = tile.Index * TileCoordinates.FullWidth;
        var found = tile.Level == 0
            ? await HashesAsync(connection, LeavesSql, [new NpgsqlParameter<long> { TypedValue = first }, new NpgsqlParameter<long> { TypedValue = first + tile.Width }], cancellation)
            : await HashesAsync(
                connection, RootsSql,
                [
                    new NpgsqlParameter<short> { TypedValue = (short)(tile.Level - 1) },
                    new NpgsqlParameter<long> { TypedValue = first }, new NpgsqlParameter<long> { TypedValue = first + tile.Width },
                ],
                cancellation);
        var hashes = new byte[tile.Width * MerkleHash.Length];
        for (var i = 0; i < tile.Width; i++)
        {
            // A position is one more than its leaf's index.
            var key = tile.Level == 0 ? first + i + 1 : first + i;
            var hash = found.GetValueOrDefault(key);
            if (hash is null && tile.Level == 0) throw new JournalDamagedException(key, $"Event {key} is missing.");
            hash ??= TileHashSource.Root(await ReadAsync(connection, new TileCoordinates(tile.Level - 1, key), cancellation));
            hash.CopyTo(hashes, i * MerkleHash.Length);
        }

        return hashes;
    }

    /// <summary>The tiles that something made out of a tree's nodes asks for.</summary>
    public static async Task<TileHashSource> SourceAsync(NpgsqlConnection connection, long size, Action<NodeHashSource> use, CancellationToken cancellation)
    {
        var source = new TileHashSource(size);
        foreach (var tile in TileHashSource.Needed(size, use)) source.Add(tile, await ReadAsync(connection, tile, cancellation));
        return source;
    }

    private static async Task<Dictionary<long, byte[]>> HashesAsync(
        NpgsqlConnection connection, string sql, NpgsqlParameter[] parameters, CancellationToken cancellation)
    {
        var hashes = new Dictionary<long, byte[]>();
        await using var command = new NpgsqlCommand(sql, connection);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation)) hashes[reader.GetInt64(0)] = reader.GetFieldValue<byte[]>(1);
        return hashes;
    }
}
