using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Where the sweep stands and what it found, in the database: a restart or another node goes on there. Safe for concurrent use.</summary>
public sealed class SweepRecord(NpgsqlDataSource database)
{
    private const int MostShown = 20;

    private const string StatusSql = """
        select position, began, ended, (select count(*) from coffrefort.integrity_findings) from coffrefort.integrity_sweep
        """;

    private const string MoveSql = """
        insert into coffrefort.integrity_sweep (position, began, ended) values ($1, $2::timestamptz, $3::timestamptz)
        on conflict (only_row) do update set position = excluded.position, began = excluded.began, ended = excluded.ended
        """;

    public async Task<SweepStatus> ReadAsync(CancellationToken cancellation)
    {
        var status = SweepStatus.None;
        await using (var command = database.CreateCommand(StatusSql))
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation)) return status;
            status = new SweepStatus(reader.GetInt64(0), Instant(reader, 1), Instant(reader, 2), reader.GetInt64(3), []);
        }

        if (status.Damaged == 0) return status;
        var findings = new List<Finding>();
        await using var latest = database.CreateCommand($"select area, thing, what from coffrefort.integrity_findings order by seen desc limit {MostShown}");
        await using var rows = await latest.ExecuteReaderAsync(cancellation);
        while (await rows.ReadAsync(cancellation)) findings.Add(new Finding(Finding.Kinds.Damaged, rows.GetString(0), rows.GetString(1), rows.GetString(2)));
        return status with { Findings = findings };
    }

    /// <summary>How many things are damaged, by area.</summary>
    public async Task<IReadOnlyDictionary<string, long>> DamagedAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select area, count(*) from coffrefort.integrity_findings group by area order by area");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var areas = new Dictionary<string, long>();
        while (await reader.ReadAsync(cancellation)) areas.Add(reader.GetString(0), reader.GetInt64(1));
        return areas;
    }

    public Task MoveAsync(SweepStatus status, CancellationToken cancellation) => RunAsync(MoveSql, cancellation, status.Position, Utc(status.Began), Utc(status.Ended));

    public Task AddAsync(Finding finding, DateTimeOffset seen, CancellationToken cancellation) => RunAsync(
        """
        insert into coffrefort.integrity_findings (area, thing, what, seen) values ($1, $2, $3, $4)
        on conflict (area, thing) do update set what = excluded.what, seen = excluded.seen
        """, cancellation, finding.Area, finding.Thing, finding.What, seen.UtcDateTime);

    /// <summary>What a whole round did not find again is whole again.</summary>
    public Task ForgetAsync(DateTimeOffset before, CancellationToken cancellation) =>
        RunAsync("delete from coffrefort.integrity_findings where seen < $1", cancellation, before.UtcDateTime);

    private async Task RunAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static object Utc(DateTimeOffset? instant) => instant is { } at ? at.UtcDateTime : DBNull.Value;

    private static DateTimeOffset? Instant(NpgsqlDataReader row, int column) => row.IsDBNull(column) ? null : new DateTimeOffset(row.GetFieldValue<DateTime>(column), TimeSpan.Zero);
}
