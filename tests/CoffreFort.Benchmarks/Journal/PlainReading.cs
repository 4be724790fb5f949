using System.Collections.Concurrent;
using System.Data;
using System.Text.Json;
using Npgsql;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>Reading as one would write it by hand, with nothing in between: the floor of the reading side.</summary>
internal static class PlainReading
{
    private static readonly ConcurrentBag<NpgsqlCommand> kept = [];

    /// <summary>A prepared select and a fold.</summary>
    public static async Task<(Notebook State, long Version)> FoldAsync(NpgsqlDataSource database, string schema, Guid stream)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand($"select version, type, data from {schema}.mt_events where stream_id = $1 order by version", connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = stream });
        await command.PrepareAsync();
        await using var reader = await command.ExecuteReaderAsync();
        return await FoldAsync(reader);
    }

    private static async Task<(Notebook State, long Version)> FoldAsync(NpgsqlDataReader reader)
    {
        var state = Notebook.Empty;
        long version = 0;
        while (await reader.ReadAsync())
        {
            version = reader.GetInt64(0);
            if (reader.GetString(1) == "bench_noted") state = Notebook.Evolve(state, Decode(reader.GetFieldValue<byte[]>(2)));
        }

        return (state, version);
    }

    /// <summary>The same on connections that are kept, as the journal keeps those it fetches by: what a pool does between two users is left out.</summary>
    public static async Task<(Notebook State, long Version)> FoldKeptAsync(NpgsqlDataSource database, Guid stream)
    {
        if (!kept.TryTake(out var command))
        {
            command = new NpgsqlCommand("select version, type, data from floor.mt_events where stream_id = $1 order by version", await database.OpenConnectionAsync());
            command.Parameters.Add(new NpgsqlParameter<Guid>());
            await command.PrepareAsync();
        }

        ((NpgsqlParameter<Guid>)command.Parameters[0]).TypedValue = stream;
        (Notebook, long) folded;
        await using (var reader = await command.ExecuteReaderAsync()) folded = await FoldAsync(reader);
        kept.Add(command);
        return folded;
    }

    /// <summary>One streamed query over all columns that an event has, decoded.</summary>
    public static async Task<long> ReplayAsync(NpgsqlDataSource database, long size)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var command = new NpgsqlCommand(
            "select seq_id, id, stream_id, version, timestamp, type, data, headers, leaf_hash from coffrefort.mt_events where seq_id <= $1 order by seq_id", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess);
        long events = 0;
        while (await reader.ReadAsync())
        {
            _ = (reader.GetInt64(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetInt64(3), reader.GetFieldValue<DateTime>(4));
            if (reader.GetString(5) == "bench_noted") events += Decode(reader.GetFieldValue<byte[]>(6)).Text.Length > 0 ? 1 : 0;
            if (!reader.IsDBNull(7)) _ = reader.GetFieldValue<byte[]>(7);
            _ = reader.GetFieldValue<byte[]>(8);
        }

        return events;
    }

    /// <summary>The same rows as PostgreSQL's own binary copy, undecoded.</summary>
    public static async Task<long> CopyAsync(NpgsqlDataSource database, long size)
    {
        await using var connection = await database.OpenConnectionAsync();
        await using var copy = await connection.BeginRawBinaryCopyAsync(
            $"copy (select seq_id, id, stream_id, version, timestamp, type, data, headers, leaf_hash from coffrefort.mt_events where seq_id <= {size} order by seq_id) to stdout (format binary)");
        var buffer = new byte[64 * 1024];
        while (await copy.ReadAsync(buffer.AsMemory(), CancellationToken.None) > 0)
        {
        }

        return size;
    }

    private static Noted Decode(byte[] json) => JsonSerializer.Deserialize(json, NotedJson.Default.Noted)!;
}
