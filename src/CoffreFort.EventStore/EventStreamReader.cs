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

    private const string SizeAndPlan = $"select size, {PlanByIndex} from coffrefort.journal_head where only_row";

    private const string Clock = """
        select size, greatest(clock_timestamp() + $1, last_timestamp), (select type from coffrefort.mt_streams where id = $2) from coffrefort.journal_head where only_row
        """;

    private const string ClockAndPlan = $"""
        select size, greatest(clock_timestamp() + $1, last_timestamp), (select type from coffrefort.mt_streams where id = $2), {PlanByIndex} from coffrefort.journal_head where only_row
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

    // One statement for all that a decision needs of a stream (docs/performance.md). A stream without events has no row to say it in.
    private const string Now = "(select greatest(clock_timestamp() + $2, last_timestamp) from coffrefort.journal_head where only_row)";

    private const string BodiesAndClock = $"select id, version, type, data, {Now} from coffrefort.mt_events where stream_id = $1 order by version";

    private const string BodiesClockAndKind = $"""
        select id, version, type, data, {Now}, (select type from coffrefort.mt_streams where id = $1) from coffrefort.mt_events where stream_id = $1 order by version
        """;

    private readonly KnownKinds _kinds = new();
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
        return PlansItself && await TryFoldWithClockAsync<T>(connection, streamId, cancellation) is { } fetched
            ? fetched
            : await ClockThenFoldAsync<T>(connection, streamId, cancellation);
    }

    /// <summary>In one statement; null for a stream without events.</summary>
    private async Task<FetchedState<T>?> TryFoldWithClockAsync<T>(NpgsqlConnection connection, Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        var kind = _kinds.Find(streamId);
        await using var command = new NpgsqlCommand(kind is null ? BodiesClockAndKind : BodiesAndClock, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = streamId });
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.ClockOffset });
        await command.PrepareAsync(cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return null;
        if (await reader.IsDBNullAsync(4, cancellation)) throw NoHead();
        var now = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(4));
        if (kind is null && !await reader.IsDBNullAsync(5, cancellation)) _kinds.Add(streamId, kind = reader.GetString(5));
        return await FoldAsync<T>(reader, now, kind ?? T.StreamType, streamId, cancellation);
    }

    private async Task<FetchedState<T>> ClockThenFoldAsync<T>(NpgsqlConnection connection, Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        var clock = new NpgsqlBatchCommand(PlansItself ? Clock : ClockAndPlan);
        clock.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.ClockOffset });
        clock.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = streamId });
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { clock, Command(Bodies, new StreamQuery(streamId)) } };
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw NoHead();
        Learn(reader.GetInt64(0));
        var now = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(1));
        var kind = await reader.IsDBNullAsync(2, cancellation) ? T.StreamType : reader.GetString(2);
        await reader.NextResultAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? await FoldAsync<T>(reader, now, kind, streamId, cancellation)
            : new FetchedState<T>(now, T.Empty, 0, 0);
    }

    /// <summary>From the first event on, which the reader stands at.</summary>
    private async Task<FetchedState<T>> FoldAsync<T>(NpgsqlDataReader reader, DateTimeOffset now, string kind, Guid streamId, CancellationToken cancellation)
        where T : class, IAggregate<T>
    {
        var (state, events) = (T.Empty, 0L);
        do
        {
            if (kind == T.StreamType) state = T.Evolve(state, Read(reader, streamId));
            events++;
        }
        while (await reader.ReadAsync(cancellation));
        return new FetchedState<T>(now, state, kind == T.StreamType ? events : 0, events);
    }

    private static JournalUnavailableException NoHead() => new("The journal has no head row; was it migrated?");

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
