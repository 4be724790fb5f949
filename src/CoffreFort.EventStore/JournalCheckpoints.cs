using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>The published checkpoints and the timestamps over them; both are only ever added to.</summary>
/// <remarks>Safe for concurrent use. What is read here is what the database holds: whoever trusts it verifies the notes.</remarks>
/// <param name="database">The application's role may select and insert.</param>
public sealed class JournalCheckpoints(NpgsqlDataSource database)
{
    private const string Columns = "c.number, c.origin, c.size, c.note, c.created";
    private const string Last = $"select {Columns} from coffrefort.journal_checkpoints c order by number desc limit 1";

    private const string Covering = $"""
        select {Columns} from coffrefort.journal_checkpoints c
        where c.size >= $1 and c.origin = (select origin from coffrefort.journal_checkpoints order by number desc limit 1)
        order by c.size limit 1
        """;

    private const string Stamped = $"""
        select {Columns}, t.token, t.stamped from coffrefort.journal_checkpoints c join coffrefort.journal_timestamps t on t.checkpoint = c.number
        where c.size >= $1 and c.origin = (select origin from coffrefort.journal_checkpoints order by number desc limit 1)
        """;

    /// <summary>The one published last, or null when there is none.</summary>
    public Task<StoredCheckpoint?> LastAsync(CancellationToken cancellation = default) => ReadAsync(Last, null, Checkpoint, cancellation);

    /// <summary>The smallest of the current log that covers a position, or null.</summary>
    public Task<StoredCheckpoint?> CoveringAsync(long position, CancellationToken cancellation = default) => ReadAsync(Covering, position, Checkpoint, cancellation);

    /// <summary>The timestamp over the smallest timestamped checkpoint of the current log that covers a position, or null.</summary>
    public Task<StoredTimestamp?> StampedAsync(long position, CancellationToken cancellation = default) =>
        ReadAsync(Stamped + " order by c.size limit 1", position, Timestamp, cancellation);

    /// <summary>The timestamp over the largest timestamped checkpoint of the current log, or null.</summary>
    public Task<StoredTimestamp?> LastStampedAsync(CancellationToken cancellation = default) =>
        ReadAsync(Stamped + " order by c.size desc limit 1", 0, Timestamp, cancellation);

    /// <summary>Publishes a checkpoint, unless that log has published one of this size or a larger one.</summary>
    /// <param name="connection">The caller's connection, so that whoever lost its turn with the connection can't publish.</param>
    /// <param name="origin">The log.</param>
    /// <param name="size">The tree's size.</param>
    /// <param name="note">The signed note.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False when it was too late.</returns>
    public static async Task<bool> PublishAsync(NpgsqlConnection connection, string origin, long size, string note, CancellationToken cancellation = default)
    {
        await using var command = new NpgsqlCommand(
            """
            insert into coffrefort.journal_checkpoints (origin, size, note, digest)
            select $1, $2, $3, sha256(convert_to($3, 'UTF8')) where not exists (select from coffrefort.journal_checkpoints where origin = $1 and size >= $2)
            on conflict do nothing
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = origin });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = size });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = note });
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    /// <summary>Keeps a timestamp; the first over a checkpoint stays.</summary>
    public async Task AddTimestampAsync(StoredTimestamp timestamp, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(timestamp);
        await using var command = database.CreateCommand(
            "insert into coffrefort.journal_timestamps (checkpoint, token, stamped, digest) values ($1, $2, $3, sha256($2)) on conflict do nothing");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = timestamp.Checkpoint.Number });
        command.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = timestamp.Token.ToArray() });
        command.Parameters.Add(new NpgsqlParameter<DateTime> { TypedValue = timestamp.Stamped.UtcDateTime });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Keeps the note that links a new log to the one that it continues; the first stays.</summary>
    public async Task AddOriginAsync(string origin, string note, CancellationToken cancellation = default)
    {
        await using var command = database.CreateCommand("insert into coffrefort.journal_origins (origin, note, digest) values ($1, $2, sha256(convert_to($2, 'UTF8'))) on conflict do nothing");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = origin });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = note });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The notes that link logs, the oldest first.</summary>
    public async Task<IReadOnlyList<string>> OriginNotesAsync(CancellationToken cancellation = default)
    {
        await using var command = database.CreateCommand("select note from coffrefort.journal_origins order by created");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var notes = new List<string>();
        while (await reader.ReadAsync(cancellation)) notes.Add(reader.GetString(0));
        return notes;
    }

    private Task<T?> ReadAsync<T>(string sql, long? position, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
        where T : class => Journal.Guarded(async () =>
    {
        await using var command = database.CreateCommand(sql);
        if (position is { } from) command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = from });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? read(reader) : null;
    });

    private static StoredCheckpoint Checkpoint(NpgsqlDataReader row) =>
        new(row.GetInt64(0), row.GetString(1), row.GetInt64(2), row.GetString(3), JournalTime.FromDatabase(row.GetFieldValue<DateTime>(4)));

    private static StoredTimestamp Timestamp(NpgsqlDataReader row) =>
        new(Checkpoint(row), row.GetFieldValue<byte[]>(5), JournalTime.FromDatabase(row.GetFieldValue<DateTime>(6)));
}
