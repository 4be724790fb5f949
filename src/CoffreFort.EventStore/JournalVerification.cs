using System.Data;
using System.Text;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// Recomputes the journal from its stored bytes: positions without holes, each leaf hash, root and frontier, time that never runs
/// backwards, streams without gaps (docs/architecture.md, "The journal").
/// </summary>
/// <remarks>
/// It trusts no column that is derived from others, reads no event's meaning, and writes nothing. Everything is read in one snapshot, so the journal may
/// be written meanwhile. Memory is constant. One instance verifies once.
/// </remarks>
public sealed class JournalVerification
{
    /// <summary>How many damages a verdict lists; beyond that they are only counted.</summary>
    public const int MostListed = 1000;

    private const int ReportEvery = 2000;

    private const string EventsSql =
        "select seq_id, id, stream_id, version, timestamp, type, data, headers, leaf_hash from coffrefort.mt_events order by seq_id";

    private const string HeadSql = "select size, root, frontier, last_timestamp from coffrefort.journal_head";

    private const string StreamsSql = """
        select coalesce(e.stream_id, s.id), e.events, e.lowest, e.highest, s.version, e.first_time = s.created and e.last_time = s.timestamp, e.ordered
        from (
            select stream_id, count(*) as events, min(version) as lowest, max(version) as highest,
                   min(timestamp) as first_time, max(timestamp) as last_time, bool_and(version = place) as ordered
            from (select *, row_number() over (partition by stream_id order by seq_id) as place from coffrefort.mt_events) as placed
            group by stream_id
        ) as e
        full join coffrefort.mt_streams s on s.id = e.stream_id
        where e.stream_id is null or s.id is null or not e.ordered or s.version <> e.highest or s.created <> e.first_time or s.timestamp <> e.last_time
        """;

    private const string RepeatedIdsSql = "select id, min(seq_id), count(*) from coffrefort.mt_events group by id having count(*) > 1";

    private const string KeysSql = """
        select first_seq_id, last_seq_id from coffrefort.journal_idempotency
        where first_seq_id < 1 or last_seq_id < first_seq_id or last_seq_id > (select size from coffrefort.journal_head)
        """;

    private readonly List<JournalDamage> _damages = [];
    private readonly Frontier _tree = Frontier.Empty;
    private long _damageCount;
    private long _position;
    private DateTimeOffset _last = DateTimeOffset.MinValue;

    /// <summary>Verifies the whole journal; how long that takes grows with it.</summary>
    /// <param name="database">May select from the journal's tables; the application's role can.</param>
    /// <param name="progress">Told now and then how many events are done, and of how many.</param>
    /// <param name="cancellation">Ends the verification.</param>
    /// <exception cref="JournalUnavailableException">PostgreSQL can't be reached, or has no journal.</exception>
    public static Task<JournalVerdict> RunAsync(
        NpgsqlDataSource database, IProgress<(long Done, long Size)>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        return Journal.Guarded(() => new JournalVerification().VerifyAsync(database, progress, cancellation));
    }

    private JournalVerification()
    {
    }

    private async Task<JournalVerdict> VerifyAsync(NpgsqlDataSource database, IProgress<(long Done, long Size)>? progress, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var snapshot = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
        var head = await ReadHeadAsync(connection, cancellation);
        await using (var command = new NpgsqlCommand(EventsSql, connection) { CommandTimeout = 0 })
        await using (var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation))
        {
            while (await reader.ReadAsync(cancellation))
            {
                Verify(reader);
                if (_tree.Size % ReportEvery == 0) progress?.Report((_tree.Size, head.Size));
            }
        }

        Compare(head);
        await VerifyStreamsAsync(connection, cancellation);
        await VerifyRepetitionsAsync(connection, cancellation);
        progress?.Report((_tree.Size, head.Size));
        return new JournalVerdict(_tree.Size, _tree.Root(), _damages, _damageCount);
    }

    private static async Task<(long Size, byte[] Root, byte[] Frontier, DateTimeOffset LastTimestamp)> ReadHeadAsync(
        NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(HeadSql, connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw new JournalUnavailableException("The journal has no head row; was it migrated?");
        return (reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2), JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(3)));
    }

    private void Verify(NpgsqlDataReader reader)
    {
        var position = reader.GetInt64(0);
        var id = reader.GetGuid(1);
        var stream = reader.GetGuid(2);
        var version = reader.GetInt64(3);
        var timestamp = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(4));
        var type = reader.GetString(5);
        var data = reader.GetFieldValue<byte[]>(6);
        var headers = reader.IsDBNull(7) ? [] : reader.GetFieldValue<byte[]>(7);
        Span<byte> leaf = stackalloc byte[MerkleHash.Length];
        EventCommitment.Compute(position, id, stream, version, JournalTime.Microseconds(timestamp), Encoding.UTF8.GetBytes(type), data, headers, leaf);
        MerkleHash.Leaf(leaf, leaf);
        _tree.Append(leaf);
        if (position != _position + 1) Add("hole", position, stream, $"Position {position} follows {_position}.");
        if (!leaf.SequenceEqual(reader.GetFieldValue<byte[]>(8)))
            Add("leaf", position, stream, $"Event {position} ({type}) is not what was hashed when it was appended.");
        if (timestamp < _last) Add("time", position, stream, $"Event {position} is older than the one before it.");
        (_position, _last) = (position, timestamp);
    }

    private void Compare((long Size, byte[] Root, byte[] Frontier, DateTimeOffset LastTimestamp) head)
    {
        if (head.Size != _position) Add("head-size", null, null, $"The head says {head.Size} events; the last one stored is {_position}.");
        if (!_tree.Root().AsSpan().SequenceEqual(head.Root)) Add("head-root", null, null, "The head's root is not the root over the stored bytes.");
        if (!_tree.ToBytes().AsSpan().SequenceEqual(head.Frontier)) Add("head-frontier", null, null, "The head's frontier is not the one over the stored bytes.");
        if (_tree.Size > 0 && head.LastTimestamp != _last) Add("head-time", null, null, "The head's time is not the last event's.");
    }

    private async Task VerifyStreamsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(StreamsSql, connection) { CommandTimeout = 0 };
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
        {
            var stream = reader.GetGuid(0);
            var what = reader.IsDBNull(1) ? "has no event"
                : reader.IsDBNull(4) ? "has events, and no row in mt_streams"
                : !reader.GetBoolean(6) ? $"has {reader.GetInt64(1)} events with versions {reader.GetInt64(2)} to {reader.GetInt64(3)}, not 1 to {reader.GetInt64(1)} in order"
                : reader.GetInt64(4) != reader.GetInt64(3) ? $"ends with version {reader.GetInt64(3)}, and mt_streams says {reader.GetInt64(4)}"
                : "has other times in mt_streams than its events";
            Add("stream", null, stream, $"Stream {stream} {what}.");
        }
    }

    private async Task VerifyRepetitionsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { new(RepeatedIdsSql), new(KeysSql) }, Timeout = 0 };
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            Add("event-id", reader.GetInt64(1), null, $"The event id {reader.GetGuid(0)} stands {reader.GetInt64(2)} times, first at position {reader.GetInt64(1)}.");
        await reader.NextResultAsync(cancellation);
        while (await reader.ReadAsync(cancellation))
            Add("idempotency", null, null, $"An idempotency key points to positions {reader.GetInt64(0)} to {reader.GetInt64(1)}, which the journal doesn't hold.");
    }

    private void Add(string code, long? position, Guid? stream, string message)
    {
        _damageCount++;
        if (_damages.Count < MostListed) _damages.Add(new JournalDamage(code, position, stream, message));
    }
}
