using System.Globalization;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>The bookkeeping of one set of a subscription's tables, live or next: its cursor, its lock, the event at which it stands, the events it passes over.</summary>
/// <remarks>The row of the cursor is locked by whoever writes to the set's tables, before anything else: it is what orders a batch and a swap of sets.</remarks>
internal sealed class SubscriptionCursor(ISubscription subscription, bool isNext)
{
    public const string LiveSchema = "coffrefort_views";
    public const string NextSchema = "coffrefort_views_next";
    public const string NextSuffix = "~next";

    // A node that vanished without closing its connection says nothing any more: PostgreSQL ends its session, and so frees the lock.
    private const string SettingsSql = """
        select set_config('idle_session_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $2, false),
            set_config('tcp_keepalives_idle', '3', false), set_config('tcp_keepalives_interval', '1', false), set_config('tcp_keepalives_count', '3', false),
            set_config('application_name', $3, false), set_config('search_path', $4, false)
        """;

    private const string RowSql = """
        select p.last_seq_id, s.version, s.stopped_at from coffrefort.mt_event_progression p join coffrefort.subscriptions s using (name) where name = $1
        """;

    private string Key => isNext ? subscription.Name + NextSuffix : subscription.Name;

    private string Schema => isNext ? NextSchema : LiveSchema;

    public async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection, "select pg_try_advisory_lock(hashtextextended('coffrefort:' || $1, 0))", Key);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>The pool would keep the session as it is, with the lock and the short patience, until somebody happened to use that connection again.</summary>
    public static async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("rollback; reset all; select pg_advisory_unlock_all()", connection) { CommandTimeout = 5 };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            // The connection is broken, and its locks went with it.
        }
    }

    /// <summary>Makes the session this set's: unqualified names mean its tables, and it does not outlive its node for long.</summary>
    public async Task EnterAsync(NpgsqlConnection connection, SubscriptionOptions options, CancellationToken cancellation)
    {
        var silence = Math.Max(6_000, (long)((options.PollEvery + options.GatherFor).TotalMilliseconds * 3));
        var name = $"coffrefort {Key} {options.Node}";
        await using (var settings = Command(connection, SettingsSql, Text(silence), Text(silence * 10), name.Length > 63 ? name[..63] : name, Schema))
            await settings.ExecuteNonQueryAsync(cancellation);
        await using var note = Command(connection, "update coffrefort.subscriptions set node = $2 where name = $1", Key, options.Node);
        await note.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>Cursor, version of the tables and the event at which it stands; null when there is no such set yet.</summary>
    public Task<SubscriptionRow?> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation) => ReadAsync(connection, RowSql, cancellation);

    /// <summary>The same, and until the transaction's end nobody else writes to this set.</summary>
    public async Task<SubscriptionRow> LockRowAsync(NpgsqlConnection connection, CancellationToken cancellation) =>
        await ReadAsync(connection, RowSql + " for update", cancellation, prepared: true) ?? throw new InvalidOperationException($"The cursor of '{Key}' is gone.");

    /// <summary>Makes the set, empty; a next set that an interrupted rebuild left is thrown away first.</summary>
    public async Task CreateAsync(NpgsqlConnection connection, string node, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (isNext)
        {
            await DropTablesAsync(connection, cancellation);
            await ForgetAsync(connection, cancellation);
        }

        await subscription.PrepareAsync(connection, cancellation);
        await using (var cursor = Command(connection, "insert into coffrefort.mt_event_progression (name, last_seq_id) values ($1, 0) on conflict do nothing", Key))
            await cursor.ExecuteNonQueryAsync(cancellation);
        await using (var row = Command(connection,
            "insert into coffrefort.subscriptions (name, version, tables, node) values ($1, $2, $3, $4) on conflict do nothing",
            Key, subscription.Version, subscription.Tables.ToArray(), node))
            await row.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Drops the set's tables, in the open transaction.</summary>
    public async Task DropTablesAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var asked = Command(connection, "select tables from coffrefort.subscriptions where name = $1", Key);
        if (await asked.ExecuteScalarAsync(cancellation) is string[] { Length: > 0 } tables)
            await ExecuteAsync(connection, $"drop table if exists {string.Join(", ", tables.Select(table => $"{Schema}.{Quoted(table)}"))}", cancellation);
    }

    /// <summary>Forgets the set, in the open transaction.</summary>
    public async Task ForgetAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using (var cursor = Command(connection, "delete from coffrefort.mt_event_progression where name = $1", Key))
            await cursor.ExecuteNonQueryAsync(cancellation);
        await using var row = Command(connection, "delete from coffrefort.subscriptions where name = $1", Key);
        await row.ExecuteNonQueryAsync(cancellation);
    }

    public async Task MoveAsync(NpgsqlConnection connection, long position, CancellationToken cancellation)
    {
        await using var move = Command(connection,
            "update coffrefort.mt_event_progression set last_seq_id = $2, last_updated = clock_timestamp() where name = $1", Key, position);
        await move.PrepareAsync(cancellation);
        await move.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>The positions that this version passes over by decision.</summary>
    public async Task<HashSet<long>> SkipsAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = Command(connection,
            "select seq_id from coffrefort.subscription_skips where name = $1 and version = $2", subscription.Name, subscription.Version);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var skips = new HashSet<long>();
        while (await reader.ReadAsync(cancellation)) skips.Add(reader.GetInt64(0));
        return skips;
    }

    /// <summary>Records at which event it stands; the first time counts.</summary>
    public async Task StopAsync(NpgsqlConnection connection, PoisonEventException poison, CancellationToken cancellation)
    {
        await using var command = Command(connection,
            """
            update coffrefort.subscriptions set stopped_at = $2, stopped_type = $3, stopped_by = $4,
                stopped_since = case when stopped_at = $2 then stopped_since else clock_timestamp() end
            where name = $1
            """, Key, poison.Position, poison.EventType, poison.Message);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    /// <summary>It stands at that event no longer. False when somebody has decided so before.</summary>
    public async Task<bool> ClearStopAsync(NpgsqlConnection connection, long position, CancellationToken cancellation)
    {
        await using var command = Command(connection, ClearStopSql, Key, position);
        return await command.ExecuteNonQueryAsync(cancellation) == 1;
    }

    public const string ClearStopSql = """
        update coffrefort.subscriptions set stopped_at = null, stopped_type = null, stopped_by = null, stopped_since = null
        where name = $1 and stopped_at = $2
        """;

    public static string Quoted(string identifier) => $"\"{identifier.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static NpgsqlCommand Command(NpgsqlConnection connection, string sql, params object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    public static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<SubscriptionRow?> ReadAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, bool prepared = false)
    {
        await using var command = Command(connection, sql, Key);
        // A connection that applies batches keeps its statements for as long as it lives.
        if (prepared) await command.PrepareAsync(cancellation);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation)
            ? new SubscriptionRow(reader.GetInt64(0), reader.GetInt32(1), reader.IsDBNull(2) ? null : reader.GetInt64(2))
            : null;
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);
}

/// <param name="Position">The last position that took effect.</param>
/// <param name="Version">The version that made the tables.</param>
/// <param name="StoppedAt">The event at which it stands.</param>
internal sealed record SubscriptionRow(long Position, int Version, long? StoppedAt);
