using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>What PostgreSQL itself can compare: streams against their events, event ids, idempotency keys. Not safe for concurrent use.</summary>
internal sealed class RowVerification(ReadSnapshot snapshot, JournalFindings findings)
{
    private const string StreamsSql = """
        select coalesce(e.stream_id, s.id), e.events, e.lowest, e.highest, s.version, e.ordered, s.tenant_id <> '*DEFAULT*' or s.is_archived
        from (
            select stream_id, count(*) as events, min(version) as lowest, max(version) as highest,
                   min(timestamp) as first_time, max(timestamp) as last_time, bool_and(version = place) as ordered
            from (select *, row_number() over (partition by stream_id order by seq_id) as place from coffrefort.mt_events) as placed
            group by stream_id
        ) as e
        full join coffrefort.mt_streams s on s.id = e.stream_id
        where e.stream_id is null or s.id is null or not e.ordered or s.version <> e.highest or s.created <> e.first_time or s.timestamp <> e.last_time
            or s.tenant_id <> '*DEFAULT*' or s.is_archived
        """;

    private const string KindsSql = """
        select distinct s.id, s.type, k.kind from coffrefort.mt_events e
        join unnest($1, $2) as k(type, kind) on k.type = e.type
        join coffrefort.mt_streams s on s.id = e.stream_id
        where s.type is distinct from k.kind
        """;

    private const string RepeatedIdsSql = "select id, min(seq_id), count(*) from coffrefort.mt_events group by id having count(*) > 1";

    private const string KeysSql = """
        select first_seq_id, last_seq_id, not (digest = coffrefort.idempotency_digest(key, first_seq_id, last_seq_id, created)) from coffrefort.journal_idempotency
        where first_seq_id < 1 or last_seq_id < first_seq_id or last_seq_id > (select size from coffrefort.journal_head)
            or digest <> coffrefort.idempotency_digest(key, first_seq_id, last_seq_id, created)
        """;

    public async Task RunAsync(IReadOnlyDictionary<string, string>? kinds, CancellationToken cancellation)
    {
        await ReadAsync("mt_streams", StreamsSql, Stream, cancellation);
        if (kinds is not null)
        {
            await ReadAsync("mt_streams", KindsSql, row => About(row.GetGuid(0), $"is of kind '{(row.IsDBNull(1) ? "" : row.GetString(1))}' in mt_streams, and holds events of a '{row.GetString(2)}'"),
                cancellation, kinds.Keys.ToArray(), kinds.Values.ToArray());
        }

        await ReadAsync("mt_events", RepeatedIdsSql, row => findings.AboutEvent(
            "event-id", row.GetInt64(1), null, $"The event id {row.GetGuid(0)} stands {row.GetInt64(2)} times, first at position {row.GetInt64(1)}."), cancellation);
        await ReadAsync("journal_idempotency", KeysSql, row => findings.About("idempotency", $"journal_idempotency first_seq_id={row.GetInt64(0)} last_seq_id={row.GetInt64(1)}",
            row.GetBoolean(2)
                ? $"The idempotency key of positions {row.GetInt64(0)} to {row.GetInt64(1)} is not what was written."
                : $"An idempotency key points to positions {row.GetInt64(0)} to {row.GetInt64(1)}, which the journal doesn't hold."), cancellation);
    }

    private void Stream(NpgsqlDataReader row)
    {
        var stream = row.GetGuid(0);
        if (row.IsDBNull(1))
        {
            About(stream, "has no event");
            return;
        }

        long events = row.GetInt64(1), lowest = row.GetInt64(2), highest = row.GetInt64(3);
        long? stated = row.IsDBNull(4) ? null : row.GetInt64(4);
        var ordered = row.GetBoolean(5);
        About(stream, stated is null ? "has events, and no row in mt_streams"
            : !ordered ? $"has {events} events with versions {lowest} to {highest}, not 1 to {events} in order"
            : stated != highest ? $"ends with version {highest}, and mt_streams says {stated}"
            : row.GetBoolean(6) ? "has a tenant or an archive mark in mt_streams"
            : "has other times in mt_streams than its events");
    }

    private void About(Guid stream, string what) => findings.About("stream", $"mt_streams id={stream}", $"Stream {stream} {what}.", stream);

    private async Task ReadAsync(string table, string sql, Action<NpgsqlDataReader> row, CancellationToken cancellation, params object[] values)
    {
        if (await snapshot.ReadAsync(sql, row, cancellation, values) is { } unreadable) findings.About("unreadable", table, $"Rows can't be read: {unreadable}.");
    }
}
