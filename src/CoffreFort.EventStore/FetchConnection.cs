using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>A kept connection on which streams are fetched by a statement that stays prepared. Not safe for concurrent use.</summary>
internal sealed class FetchConnection(NpgsqlDataSource database, EventRegistry registry, JournalOptions options, KnownKinds kinds) : IAsyncDisposable
{
    // Planned once, for any streams and any size of the journal: by index.
    private const string SettingsSql = """
        select set_config('application_name', 'coffrefort fetch', false), set_config('jit', 'off', false), set_config('enable_seqscan', 'off', false),
            set_config('enable_hashjoin', 'off', false), set_config('enable_mergejoin', 'off', false), set_config('plan_cache_mode', 'force_generic_plan', false)
        """;

    private const string Now = "(select greatest(clock_timestamp() + $2, last_timestamp) from coffrefort.journal_head where only_row)";

    private const string One = $"select 1::bigint, id, version, type, data, {Now} from coffrefort.mt_events where stream_id = $1 order by version";

    // A row for each stream, also for one that has no event: the time stands in it.
    private const string Several = $"""
        select wanted.number, e.id, e.version, e.type, e.data, {Now}, s.type
        from unnest($1) with ordinality as wanted (stream, number)
        left join coffrefort.mt_streams s on s.id = wanted.stream left join coffrefort.mt_events e on e.stream_id = wanted.stream
        order by wanted.number, e.version
        """;

    private NpgsqlConnection? _connection;
    private NpgsqlCommand? _one;
    private NpgsqlCommand? _several;

    /// <summary>Feeds each fetch with its stream and completes it; a stream that can't be read fails alone.</summary>
    /// <exception cref="NpgsqlException">None was completed; the connection must be given up.</exception>
    public async Task FetchAsync(List<StreamFetch> group, CancellationToken cancellation)
    {
        if (group is [var alone] && kinds.Find(alone.StreamId) is { } kind && await TryAloneAsync(alone, kind, cancellation)) return;
        _several ??= await PrepareAsync(Several, new NpgsqlParameter<Guid[]>(), cancellation);
        ((NpgsqlParameter<Guid[]>)_several.Parameters[0]).TypedValue = [.. group.Select(fetch => fetch.StreamId)];
        await using var reader = await _several.ExecuteReaderAsync(cancellation);
        var now = default(DateTimeOffset);
        while (await reader.ReadAsync(cancellation))
        {
            now = Time(reader);
            if (reader.IsDBNull(1)) continue;
            var fetch = group[(int)reader.GetInt64(0) - 1];
            var known = reader.GetString(6);
            if (reader.GetInt64(2) == 1) kinds.Add(fetch.StreamId, known);
            Feed(fetch, known, reader);
        }

        foreach (var fetch in group) fetch.Complete(now);
    }

    public async ValueTask DisposeAsync()
    {
        if (_one is not null) await _one.DisposeAsync();
        if (_several is not null) await _several.DisposeAsync();
        _one = _several = null;
        var connection = _connection;
        _connection = null;
        if (connection is not null) await connection.DisposeAsync();
    }

    /// <summary>The usual case, without a join; false for a stream without events, of which nothing is said here.</summary>
    private async Task<bool> TryAloneAsync(StreamFetch fetch, string kind, CancellationToken cancellation)
    {
        _one ??= await PrepareAsync(One, new NpgsqlParameter<Guid>(), cancellation);
        ((NpgsqlParameter<Guid>)_one.Parameters[0]).TypedValue = fetch.StreamId;
        await using var reader = await _one.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return false;
        var now = Time(reader);
        do Feed(fetch, kind, reader);
        while (await reader.ReadAsync(cancellation));
        fetch.Complete(now);
        return true;
    }

    private void Feed(StreamFetch fetch, string kind, NpgsqlDataReader reader)
    {
        if (!fetch.Folds(kind))
        {
            fetch.Skip();
            return;
        }

        try
        {
            fetch.Add(registry.Read(reader.GetFieldValue<byte[]>(4), new EventCoordinates(reader.GetGuid(1), reader.GetString(3), fetch.StreamId, reader.GetInt64(2))));
        }
#pragma warning disable CA1031 // An event that can't be understood concerns who asked for its stream, and nobody else.
        catch (Exception failure)
        {
            fetch.Fail(failure);
        }
#pragma warning restore CA1031
    }

    private static DateTimeOffset Time(NpgsqlDataReader reader) => reader.IsDBNull(5)
        ? throw new JournalUnavailableException("The journal has no head row; was it migrated?")
        : JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(5));

    private async Task<NpgsqlCommand> PrepareAsync(string sql, NpgsqlParameter streams, CancellationToken cancellation)
    {
        var command = new NpgsqlCommand(sql, await OpenAsync(cancellation));
        try
        {
            command.Parameters.Add(streams);
            command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.ClockOffset });
            await command.PrepareAsync(cancellation);
            return command;
        }
        catch
        {
            await command.DisposeAsync();
            throw;
        }
    }

    private async Task<NpgsqlConnection> OpenAsync(CancellationToken cancellation)
    {
        if (_connection is { FullState: System.Data.ConnectionState.Open }) return _connection;
        await DisposeAsync();
        var opened = await database.OpenConnectionAsync(cancellation);
        try
        {
            await using var settings = new NpgsqlCommand(SettingsSql, opened);
            await settings.ExecuteNonQueryAsync(cancellation);
            return _connection = opened;
        }
        catch
        {
            await opened.DisposeAsync();
            throw;
        }
    }
}
