using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>How subscriptions stand, and the decision to skip, as SQL.</summary>
internal static class SubscriptionStates
{
    // Whoever holds a set's lock runs it: a node that is written down and holds none has died or handed it on.
    private const string StatesSql = """
        with held as (
            select classid::bigint << 32 | objid::bigint as key from pg_locks
            where locktype = 'advisory' and granted and objsubid = 1 and database = (select oid from pg_database where datname = current_database()))
        select p.name, s.version, p.last_seq_id, greatest(h.size - p.last_seq_id, 0),
            greatest(clock_timestamp() + $1 - e.timestamp, interval '0'), greatest(clock_timestamp() - p.last_updated, interval '0'),
            case when hashtextextended('coffrefort:' || p.name, 0) in (select key from held) then coalesce(s.node, '?') end,
            s.stopped_at, s.stopped_type, s.stopped_by, s.stopped_since
        from coffrefort.mt_event_progression p join coffrefort.subscriptions s using (name) cross join coffrefort.journal_head h
        left join coffrefort.mt_events e on e.seq_id = p.last_seq_id + 1
        order by p.name
        """;

    private const string StoppedSql = """
        select name, version, stopped_at, stopped_type, stopped_by, stopped_since from coffrefort.subscriptions
        where name in ($1, $1 || '~next') and stopped_at = $2 order by name limit 1 for update
        """;

    public static async Task<IReadOnlyList<SubscriptionState>> ReadAsync(
        NpgsqlDataSource database, JournalOptions options, Dictionary<string, ISubscription> known, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(StatesSql);
        command.Parameters.Add(new NpgsqlParameter<TimeSpan> { TypedValue = options.ClockOffset });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var sets = new List<SubscriptionState>();
        while (await reader.ReadAsync(cancellation)) sets.Add(ReadSet(reader));
        return [.. sets.Where(set => known.ContainsKey(set.Name)).Select(set => Join(set, known[set.Name], sets))];
    }

    public static async Task<bool> SkipAsync(NpgsqlDataSource database, string name, long position, Func<SubscriptionStop, Task> record, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (await StoppedAsync(connection, name, position, cancellation) is not var (key, version, stop)) return false;
        await record(stop);
        await using (var skip = SubscriptionCursor.Command(connection,
            "insert into coffrefort.subscription_skips (name, version, seq_id) values ($1, $2, $3) on conflict do nothing", name, version, position))
            await skip.ExecuteNonQueryAsync(cancellation);
        await using (var clear = SubscriptionCursor.Command(connection, SubscriptionCursor.ClearStopSql, key, position)) await clear.ExecuteNonQueryAsync(cancellation);
        await using (var notify = SubscriptionCursor.Command(connection, "select pg_notify('coffrefort_subscriptions', $1)", name)) await notify.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
        return true;
    }

    private static async Task<(string Key, int Version, SubscriptionStop Stop)?> StoppedAsync(
        NpgsqlConnection connection, string name, long position, CancellationToken cancellation)
    {
        await using var command = SubscriptionCursor.Command(connection, StoppedSql, name, position);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) return null;
        var key = reader.GetString(0);
        return (key, reader.GetInt32(1), ReadStop(reader, 2, key)!);
    }

    private static SubscriptionState Join(SubscriptionState live, ISubscription known, List<SubscriptionState> sets)
    {
        var next = sets.Find(set => set.Name == live.Name + SubscriptionCursor.NextSuffix);
        return live with
        {
            CanRebuild = known.Tables.Count > 0,
            Rebuild = next is null ? null : new RebuildState(next.Version, next.Position, next.Node),
            Stop = live.Stop ?? next?.Stop,
        };
    }

    private static SubscriptionState ReadSet(NpgsqlDataReader reader)
    {
        var name = reader.GetString(0);
        return new SubscriptionState(
            name, reader.GetInt32(1), reader.GetInt64(2), reader.GetInt64(3), reader.IsDBNull(4) ? TimeSpan.Zero : reader.GetTimeSpan(4), reader.GetTimeSpan(5),
            reader.IsDBNull(6) ? null : reader.GetString(6))
        {
            Stop = ReadStop(reader, 7, name),
        };
    }

    private static SubscriptionStop? ReadStop(NpgsqlDataReader reader, int from, string name) => reader.IsDBNull(from) ? null : new SubscriptionStop(
        reader.GetInt64(from), reader.GetString(from + 1), reader.GetString(from + 2), JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(from + 3)),
        name.EndsWith(SubscriptionCursor.NextSuffix, StringComparison.Ordinal));
}
