using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>Reads single streams, by statements that stay prepared on the pool's connections. Safe for concurrent use.</summary>
internal sealed class EventStreamReader(NpgsqlDataSource database, EventRegistry registry)
{
    /// <summary>
    /// A prepared statement is planned once, for any stream, and a plan made while the table was small may read all of it. From this many events on, no planner
    /// would think of that; before, it is told not to.
    /// </summary>
    public const long PlansItselfFrom = 2_000;

    private const string PlanByIndex =
        "set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

    private const string SizeAndPlan = $"select size, {PlanByIndex} from coffrefort.journal_head where only_row";

    private const string Condition = """
        from coffrefort.mt_events
        where stream_id = $1 and version between $5 and $2 and timestamp <= $3
          and ($4 is null or $4 = (select type from coffrefort.mt_streams where id = $1))
        order by version
        """;

    private const string Events = $"select {EventReader.Columns} {Condition}";

    // What a fold needs, which is a third of what an event has.
    private const string Bodies = $"select id, version, type, data {Condition}";

    private long _size;

    /// <summary>A stream's events in order of version.</summary>
    public async Task<IReadOnlyList<StoredEvent>> FetchAsync(StreamQuery query, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var batch = Batch(connection, Events, query);
        await using var reader = await ReadAsync(batch, cancellation);
        return await EventReader.ReadRowsAsync(reader, registry, cancellation);
    }

    /// <summary>A stream folded, and how many events that were.</summary>
    public async Task<(T State, long Version)> FoldAsync<T>(StreamQuery query, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var batch = Batch(connection, Bodies, query);
        await using var reader = await ReadAsync(batch, cancellation);
        return await FoldAsync<T>(reader, query.StreamId, cancellation);
    }

    private bool PlansItself => Volatile.Read(ref _size) >= PlansItselfFrom;

    private async Task<(T State, long Version)> FoldAsync<T>(NpgsqlDataReader reader, Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        var state = T.Empty;
        var version = 0L;
        while (await reader.ReadAsync(cancellation))
        {
            state = T.Evolve(state, Read(reader, streamId));
            version++;
        }

        return (state, version);
    }

    private IEvent Read(NpgsqlDataReader reader, Guid streamId) =>
        registry.Read(reader.GetFieldValue<byte[]>(3), new EventCoordinates(reader.GetGuid(0), reader.GetString(2), streamId, reader.GetInt64(1)));

    private NpgsqlBatch Batch(NpgsqlConnection connection, string sql, StreamQuery query) => PlansItself
        ? new NpgsqlBatch(connection) { BatchCommands = { Command(sql, query) } }
        : new NpgsqlBatch(connection) { BatchCommands = { new(SizeAndPlan), Command(sql, query) } };

    private async Task<NpgsqlDataReader> ReadAsync(NpgsqlBatch batch, CancellationToken cancellation)
    {
        await batch.PrepareAsync(cancellation);
        var reader = await batch.ExecuteReaderAsync(cancellation);
        if (batch.BatchCommands.Count == 1) return reader;
        if (await reader.ReadAsync(cancellation)) Learn(reader.GetInt64(0));
        await reader.NextResultAsync(cancellation);
        return reader;
    }

    private void Learn(long size) => Volatile.Write(ref _size, size);

    private static NpgsqlBatchCommand Command(string sql, StreamQuery query)
    {
        var command = new NpgsqlBatchCommand(sql);
        var parameters = command.Parameters;
        parameters.Add(new NpgsqlParameter<Guid> { TypedValue = query.StreamId });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = query.Version ?? long.MaxValue });
        parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = (query.Timestamp ?? DateTimeOffset.MaxValue).UtcDateTime });
        parameters.Add(new NpgsqlParameter { Value = (object?)query.StreamType ?? DBNull.Value, NpgsqlDbType = NpgsqlDbType.Varchar });
        parameters.Add(new NpgsqlParameter<long> { TypedValue = query.From });
        return command;
    }
}

/// <param name="StreamId">The stream.</param>
/// <param name="Version">Only up to this version.</param>
/// <param name="Timestamp">Only up to this journal time.</param>
/// <param name="StreamType">Nothing, if the stream is of another kind than this.</param>
/// <param name="From">Only from this version on.</param>
internal sealed record StreamQuery(Guid StreamId, long? Version = null, DateTimeOffset? Timestamp = null, string? StreamType = null, long From = 1);
