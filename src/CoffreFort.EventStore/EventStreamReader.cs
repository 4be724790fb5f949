using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>Reads single streams, by statements that stay prepared on the pool's connections. Safe for concurrent use.</summary>
internal sealed class EventStreamReader(NpgsqlDataSource database, EventRegistry registry, JournalOptions options)
{
    /// <summary>
    /// A prepared statement is planned once, for any stream, and a plan made while the table was small may read all of it. From this many events on, no planner
    /// would think of that; before, it is told not to.
    /// </summary>
    public const long PlansItselfFrom = 2_000;

    private const string PlanByIndex =
        "set_config('plan_cache_mode', 'force_generic_plan', true), set_config('enable_seqscan', 'off', true), set_config('jit', 'off', true)";

    private const string SizeAndPlan = $"select size, {PlanByIndex} from coffrefort.journal_head";

    private const string Clock = """
        select size, greatest(clock_timestamp() + $1, last_timestamp), (select type from coffrefort.mt_streams where id = $2) from coffrefort.journal_head
        """;

    private const string ClockAndPlan = $"""
        select size, greatest(clock_timestamp() + $1, last_timestamp), (select type from coffrefort.mt_streams where id = $2), {PlanByIndex} from coffrefort.journal_head
        """;

    private const string Condition = """
        from coffrefort.mt_events
        where stream_id = $1 and version <= $2 and timestamp <= $3
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

    /// <summary>A stream folded, with the journal's time. One of another kind folds as one that does not exist, but has its version.</summary>
    public async Task<FetchedState<T>> FoldWithClockAsync<T>(Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        var clock = new NpgsqlBatchCommand(PlansItself ? Clock : ClockAndPlan);
        clock.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.ClockOffset });
        clock.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = streamId });
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { clock, Command(Bodies, new StreamQuery(streamId)) } };
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw new JournalUnavailableException("The journal has no head row; was it migrated?");
        Learn(reader.GetInt64(0));
        var now = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(1));
        var isOther = !await reader.IsDBNullAsync(2, cancellation) && reader.GetString(2) != T.StreamType;
        await reader.NextResultAsync(cancellation);
        if (!isOther)
        {
            var (state, version) = await FoldAsync<T>(reader, streamId, cancellation);
            return new FetchedState<T>(now, state, version, version);
        }

        var events = 0L;
        while (await reader.ReadAsync(cancellation)) events++;
        return new FetchedState<T>(now, T.Empty, 0, events);
    }

    private bool PlansItself => Volatile.Read(ref _size) >= PlansItselfFrom;

    private async Task<(T State, long Version)> FoldAsync<T>(NpgsqlDataReader reader, Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        var state = T.Empty;
        var version = 0L;
        while (await reader.ReadAsync(cancellation))
        {
            var at = new EventCoordinates(reader.GetGuid(0), reader.GetString(2), streamId, reader.GetInt64(1));
            state = T.Evolve(state, registry.Read(reader.GetFieldValue<byte[]>(3), at));
            version++;
        }

        return (state, version);
    }

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
        return command;
    }
}

/// <param name="Now">Journal time at the fetch.</param>
/// <param name="State">The fold.</param>
/// <param name="Version">How many events were folded.</param>
/// <param name="ActualVersion">How many events there are; more, if the stream is of another kind.</param>
internal sealed record FetchedState<T>(DateTimeOffset Now, T State, long Version, long ActualVersion);

/// <param name="StreamId">The stream.</param>
/// <param name="Version">Only up to this version.</param>
/// <param name="Timestamp">Only up to this journal time.</param>
/// <param name="StreamType">Nothing, if the stream is of another kind than this.</param>
internal sealed record StreamQuery(Guid StreamId, long? Version = null, DateTimeOffset? Timestamp = null, string? StreamType = null);
