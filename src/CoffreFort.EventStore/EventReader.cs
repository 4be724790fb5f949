using System.Data;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>The journal's reading SQL.</summary>
internal static class EventReader
{
    public const string Columns = "seq_id, id, stream_id, version, timestamp, type, data, headers, leaf_hash";

    /// <summary>How many bytes of events are read at once: the one with which they become more is the last.</summary>
    public const long MostBytes = 8 * 1024 * 1024;

    private const int PartSize = 100;

    private const string AllSql = $"select {Columns} from coffrefort.mt_events where seq_id > $1 and seq_id <= $2 order by seq_id";

    // Nearly all events have less than a kilobyte, a few a hundred: a page that counted events alone could be of any size. What an event has in the table is known
    // without reading it; to ask for it costs a fifth of a replay.
    private const string BoundedSql = $"""
        select {Columns} from coffrefort.mt_events
        where seq_id > $1 and seq_id <= (
            select coalesce(min(seq_id), $2) from (
                select seq_id, sum(pg_column_size(data)) over (order by seq_id) as bytes from coffrefort.mt_events where seq_id > $1 and seq_id <= $2) as sized
            where bytes >= $3)
        order by seq_id
        """;

    private const string KeySql = """
        select i.key, e.seq_id, e.id, e.type, e.stream_id, e.version, e.timestamp
        from coffrefort.journal_idempotency i
        join coffrefort.mt_events e on e.seq_id between i.first_seq_id and i.last_seq_id
        where i.key = $1 order by e.seq_id
        """;

    /// <summary>
    /// The events after one position up to another, at least one and at most <see cref="MostBytes"/> of them: less is read where a few are large. Positions have no
    /// holes, so a page of them is a range.
    /// </summary>
    public static async Task<IReadOnlyList<StoredEvent>> ReadRangeAsync(
        NpgsqlConnection connection, EventRegistry registry, long after, long until, CancellationToken cancellation)
    {
        await using var command = await RangeAsync(connection, after, until, bounded: true, cancellation);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        return await ReadRowsAsync(reader, registry, cancellation);
    }

    /// <summary>The same on a connection of its own. Bounded, PostgreSQL sends no more than what is read: cheaper where most events are large, dearer where they are not.</summary>
    public static async Task<IReadOnlyList<StoredEvent>> ReadPageAsync(
        NpgsqlDataSource database, EventRegistry registry, long after, long until, bool bounded, CancellationToken cancellation)
    {
        var events = new List<StoredEvent>();
        await ReadPartsAsync(database, registry, after, until, bounded, events.AddRange, cancellation);
        return events;
    }

    /// <summary>The same as it comes in, part by part.</summary>
    /// <returns>The position of the last one; <paramref name="until"/> if there was none.</returns>
    public static async Task<long> ReadPartsAsync(
        NpgsqlDataSource database, EventRegistry registry, long after, long until, bool bounded, Action<IReadOnlyList<StoredEvent>> take, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var command = await RangeAsync(connection, after, until, bounded, cancellation);
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        var (last, bytes) = (until, 0L);
        var part = new List<StoredEvent>(PartSize);
        while (bytes < MostBytes && await reader.ReadAsync(cancellation))
        {
            part.Add(ReadRow(reader, registry));
            (last, bytes) = (part[^1].Position, bytes + part[^1].Data.Length);
            if (part.Count < PartSize) continue;
            take(part);
            part = new List<StoredEvent>(PartSize);
        }

        take(part);
        return last;
    }

    public static async Task<JournalHead> HeadAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select size, root, last_timestamp from coffrefort.journal_head where only_row");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw new JournalUnavailableException("The journal has no head row; was it migrated?");
        return new JournalHead(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(2)));
    }

    /// <summary>Journal time never runs backwards, so a binary search over positions finds an instant without an index of its own.</summary>
    public static async Task<long> PositionAtAsync(NpgsqlDataSource database, DateTimeOffset instant, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var sizeCommand = new NpgsqlCommand("select size from coffrefort.journal_head where only_row", connection);
        long low = 0, high = (long)(await sizeCommand.ExecuteScalarAsync(cancellation))!;
        await using var look = new NpgsqlCommand("select timestamp <= $2 from coffrefort.mt_events where seq_id = $1", connection);
        look.Parameters.Add(new NpgsqlParameter<long>());
        look.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = instant.UtcDateTime });
        while (low < high)
        {
            var middle = low + ((high - low + 1) / 2);
            look.Parameters[0].Value = middle;
            if ((bool)(await look.ExecuteScalarAsync(cancellation))!) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    public static async Task<AppendResult?> FindByKeyAsync(NpgsqlDataSource database, string key, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(KeySql);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = key });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return (await AppendStatements.ReadEarlierAsync(reader, cancellation)).GetValueOrDefault(key);
    }

    internal static async Task<IReadOnlyList<StoredEvent>> ReadRowsAsync(
        NpgsqlDataReader reader, EventRegistry registry, CancellationToken cancellation)
    {
        var rows = new List<StoredEvent>();
        while (await reader.ReadAsync(cancellation)) rows.Add(ReadRow(reader, registry));
        return rows;
    }

    private static async Task<NpgsqlCommand> RangeAsync(NpgsqlConnection connection, long after, long until, bool bounded, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(bounded ? BoundedSql : AllSql, connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = until });
        if (bounded) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = MostBytes });
        // The statement's plan stays: made while there are few events it might read all of them.
        if (after >= EventStreamReader.PlansItselfFrom) await command.PrepareAsync(cancellation);
        return command;
    }

    private static StoredEvent ReadRow(NpgsqlDataReader reader, EventRegistry registry) => new(registry)
    {
        Position = reader.GetInt64(0),
        Id = reader.GetGuid(1),
        StreamId = reader.GetGuid(2),
        Version = reader.GetInt64(3),
        Timestamp = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(4)),
        Type = reader.GetString(5),
        Data = reader.GetFieldValue<byte[]>(6),
        HeadersJson = reader.IsDBNull(7) ? default(ReadOnlyMemory<byte>) : reader.GetFieldValue<byte[]>(7),
        LeafHash = reader.GetFieldValue<byte[]>(8),
    };
}
