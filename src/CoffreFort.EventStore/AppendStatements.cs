using CoffreFort.Transparency;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.EventStore;

/// <summary>
/// The first of the two round trips that a group takes when the writer can't know how the journal stands: lock and look.
/// The second writes and commits (<see cref="AppendCommand"/>); no client pause lies between them.
/// </summary>
/// <remarks>Every statement is prepared: the connection is kept, so each is parsed once in its life.</remarks>
internal static class AppendStatements
{
    private const string LockHead = "select size, root, frontier, last_timestamp, fence from coffrefort.journal_head where only_row for update";

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

    public static async Task<LockedHead> LockAndDecideAsync(
        NpgsqlConnection connection, JournalOptions options, List<PendingAppend> appends, CancellationToken cancellation)
    {
        var streams = appends.SelectMany(a => a.Streams.Select(s => s.StreamId).Concat(a.Guards.Select(g => g.StreamId))).Distinct().ToArray();
        var keys = appends.Where(a => a.IdempotencyKey is not null).Select(a => a.IdempotencyKey!).Distinct().ToArray();
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand("begin isolation level read committed"));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(LockHead));
        batch.BatchCommands.Add(new NpgsqlBatchCommand(Clock));
        batch.BatchCommands.Add(WithArray(Versions, streams, NpgsqlDbType.Uuid));
        if (keys.Length > 0) batch.BatchCommands.Add(WithArray(EarlierKeys, keys, NpgsqlDbType.Varchar));
        await batch.PrepareAsync(cancellation);

        var asked = options.NodeClock.GetUtcNow();
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw new JournalUnavailableException("The journal has no head row; was it migrated?");
        var head = new HeadState(
            Frontier.FromBytes(reader.GetInt64(0), reader.GetFieldValue<byte[]>(2)), reader.GetFieldValue<byte[]>(1),
            JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(3)), reader.GetInt64(4));
        await reader.NextResultAsync(cancellation);
        await reader.ReadAsync(cancellation);
        var clock = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(0));
        var answered = options.NodeClock.GetUtcNow();
        var now = JournalTime.Next(clock, head.LastTimestamp, asked, answered, options);
        await reader.NextResultAsync(cancellation);
        var standing = new Dictionary<Guid, StreamRow>();
        while (await reader.ReadAsync(cancellation)) standing.Add(reader.GetGuid(0), new StreamRow(reader.GetString(2), reader.GetInt64(1)));
        var earlier = keys.Length > 0 && await reader.NextResultAsync(cancellation)
            ? await ReadEarlierAsync(reader, cancellation)
            : [];

        var group = new AppendGroup(head, now, standing, earlier);
        foreach (var append in appends) group.Take(append);
        group.Seal();
        return new LockedHead(group, clock - answered);
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

    private static NpgsqlBatchCommand WithArray<T>(string sql, T[] values, NpgsqlDbType element) => new(sql)
    {
        Parameters = { new NpgsqlParameter<T[]> { TypedValue = values, NpgsqlDbType = NpgsqlDbType.Array | element } },
    };
}

/// <param name="Group">What was decided under the lock.</param>
/// <param name="ClockAhead">By how much PostgreSQL's clock was at least ahead of this node's.</param>
internal sealed record LockedHead(AppendGroup Group, TimeSpan ClockAhead);
