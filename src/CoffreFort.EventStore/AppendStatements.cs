using CoffreFort.Transparency;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>The two round trips of a group commit: lock and look, then write and commit. No client pause lies between them.</summary>
/// <remarks>Every statement is prepared: the connection is kept, so each is parsed once in its life.</remarks>
internal static class AppendStatements
{
    private const string LockHead = "select size, frontier, last_timestamp from coffrefort.journal_head for update";

    // A statement of its own: evaluated after the lock was obtained, and with a snapshot that sees the last group.
    private const string Clock = "select clock_timestamp()";

    private const string Versions =
        "select s.id, s.version, s.type from unnest($1) as wanted(id) join coffrefort.mt_streams s on s.id = wanted.id";

    private const string EarlierKeys = """
        select i.key, e.seq_id, e.id, e.type, e.stream_id, e.version, e.timestamp
        from unnest($1) as wanted(key)
        join coffrefort.journal_idempotency i on i.key = wanted.key
        join coffrefort.mt_events e on e.seq_id between i.first_seq_id and i.last_seq_id
        order by i.key, e.seq_id
        """;

    private const string InsertEvents = """
        insert into coffrefort.mt_events
            (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type, correlation_id, causation_id, headers, user_name, leaf_hash)
        select * from unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        """;

    private const string UpsertStreams = """
        insert into coffrefort.mt_streams (id, type, version, timestamp, created)
        select id, type, version, $4, $4 from unnest($1, $2, $3) as touched(id, type, version)
        on conflict (id) do update set version = excluded.version, timestamp = excluded.timestamp
        """;

    private const string MoveHead = "update coffrefort.journal_head set size = $1, root = $2, frontier = $3, last_timestamp = $4";

    private const string InsertKeys = """
        insert into coffrefort.journal_idempotency (key, first_seq_id, last_seq_id, created, digest)
        select key, first_seq_id, last_seq_id, $4, coffrefort.idempotency_digest(key, first_seq_id, last_seq_id, $4)
        from unnest($1, $2, $3) as named(key, first_seq_id, last_seq_id)
        """;

    public static async Task<AppendGroup> LockAndDecideAsync(
        NpgsqlConnection connection, JournalOptions options, List<PendingAppend> appends, CancellationToken cancellation)
    {
        var streams = appends.SelectMany(a => a.Streams.Select(s => s.StreamId).Concat(a.Guards.Select(g => g.StreamId))).Distinct().ToArray();
        var keys = appends.Where(a => a.IdempotencyKey is not null).Select(a => a.IdempotencyKey!).Distinct().ToArray();
        await using var batch = new NpgsqlBatch(connection);
        Add(batch, "begin isolation level read committed");
        Add(batch, LockHead);
        Add(batch, Clock);
        Add(batch, Versions, Array(streams, NpgsqlDbType.Uuid));
        if (keys.Length > 0) Add(batch, EarlierKeys, Array(keys, NpgsqlDbType.Varchar));
        await batch.PrepareAsync(cancellation);

        var asked = options.NodeClock.GetUtcNow();
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw new JournalUnavailableException("The journal has no head row; was it migrated?");
        var frontier = Frontier.FromBytes(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1));
        var last = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(2));
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var now = JournalTime.Next(
            JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(0)), last, asked, options.NodeClock.GetUtcNow(), options);
        await reader.NextResultAsync(cancellation);
        var standing = new Dictionary<Guid, StreamRow>();
        while (await reader.ReadAsync(cancellation)) standing.Add(reader.GetGuid(0), new StreamRow(reader.GetGuid(0), reader.GetString(2), reader.GetInt64(1)));
        var earlier = keys.Length > 0 && await reader.NextResultAsync(cancellation)
            ? await ReadEarlierAsync(reader, cancellation)
            : [];

        var group = new AppendGroup(frontier, now, standing, earlier);
        foreach (var append in appends) group.Take(append);
        return group;
    }

    public static async Task WriteAndCommitAsync(NpgsqlConnection connection, AppendGroup group, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection);
        AddEvents(batch, group.Events);
        var streams = group.Streams;
        Add(batch, UpsertStreams,
            Array(streams.Select(s => s.Id), NpgsqlDbType.Uuid),
            Array(streams.Select(s => s.Type), NpgsqlDbType.Varchar),
            Array(streams.Select(s => s.Version), NpgsqlDbType.Bigint),
            Value(group.Now.UtcDateTime));
        Add(batch, MoveHead,
            Value(group.Frontier.Size), Value(group.Frontier.Root()), Value(group.Frontier.ToBytes()), Value(group.Now.UtcDateTime));
        var keyed = group.Accepted.Where(a => a.Append.IdempotencyKey is not null && a.Result is { Repeated: false, FirstPosition: > 0 }).ToList();
        if (keyed.Count > 0)
        {
            Add(batch, InsertKeys,
                Array(keyed.Select(k => k.Append.IdempotencyKey!), NpgsqlDbType.Varchar),
                Array(keyed.Select(k => k.Result.FirstPosition), NpgsqlDbType.Bigint),
                Array(keyed.Select(k => k.Result.LastPosition), NpgsqlDbType.Bigint),
                Value(group.Now.UtcDateTime));
        }

        Add(batch, "select pg_notify('coffrefort_journal', $1)", Value(group.Frontier.Size.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Add(batch, "commit");
        await batch.PrepareAsync(cancellation);
        await batch.ExecuteNonQueryAsync(cancellation);
    }

    internal static async Task<Dictionary<string, AppendResult>> ReadEarlierAsync(NpgsqlDataReader reader, CancellationToken cancellation)
    {
        var found = new Dictionary<string, AppendResult>();
        while (await reader.ReadAsync(cancellation))
        {
            var key = reader.GetString(0);
            var position = reader.GetInt64(1);
            var at = new EventCoordinates(reader.GetGuid(2), reader.GetString(3), reader.GetGuid(4), reader.GetInt64(5));
            if (found.TryGetValue(key, out var result)) ((List<EventCoordinates>)result.Events).Add(at);
            else result = new AppendResult(position, position, JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(6)), new List<EventCoordinates> { at }, Repeated: true);
            found[key] = result with { LastPosition = position };
        }

        return found;
    }

    private static void AddEvents(NpgsqlBatch batch, List<EventRow> rows) => Add(batch, InsertEvents,
        Array(rows.Select(r => r.Position), NpgsqlDbType.Bigint),
        Array(rows.Select(r => r.At.EventId), NpgsqlDbType.Uuid),
        Array(rows.Select(r => r.At.StreamId), NpgsqlDbType.Uuid),
        Array(rows.Select(r => r.At.Version), NpgsqlDbType.Bigint),
        Array(rows.Select(r => r.Pending.Data), NpgsqlDbType.Json),
        Array(rows.Select(r => r.At.Type), NpgsqlDbType.Varchar),
        Array(rows.Select(r => r.Timestamp.UtcDateTime), NpgsqlDbType.TimestampTz),
        Array(rows.Select(r => r.Pending.DotNetType), NpgsqlDbType.Varchar),
        Array(rows.Select(r => r.Pending.Metadata.CorrelationId), NpgsqlDbType.Varchar),
        Array(rows.Select(r => r.Pending.Metadata.CausationId), NpgsqlDbType.Varchar),
        Array(rows.Select(r => r.Pending.Metadata.HeadersJson), NpgsqlDbType.Json),
        Array(rows.Select(r => r.Pending.Metadata.UserName), NpgsqlDbType.Varchar),
        Array(rows.Select(r => r.LeafHash), NpgsqlDbType.Bytea));

    private static void Add(NpgsqlBatch batch, string sql, params ReadOnlySpan<NpgsqlParameter> parameters)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var parameter in parameters) command.Parameters.Add(parameter);
        batch.BatchCommands.Add(command);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };

    private static NpgsqlParameter Array<T>(IEnumerable<T> values, NpgsqlDbType element) =>
        new() { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | element };
}
