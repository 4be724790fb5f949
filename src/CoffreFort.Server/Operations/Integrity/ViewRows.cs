using System.Runtime.CompilerServices;
using CoffreFort.EventStore;
using CoffreFort.Server.Views;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>The rows of views and of what is kept about them, in one snapshot. Differences name keys and columns, never a value of another column.</summary>
internal sealed class ViewRows(ReadSnapshot snapshot, NpgsqlConnection connection, NpgsqlTransaction transaction, IntegrityReport report)
{
    private const string Live = "coffrefort_views";
    private const string Savepoint = "rows";

    /// <summary>More lines of one table nobody reads: it is built anew.</summary>
    private const int MostNamed = 100_000;

    private const string ColumnsSql = """
        select a.attname::text, coalesce(a.attnum = any(i.indkey), false) from pg_attribute a
        left join pg_index i on i.indrelid = a.attrelid and i.indisprimary
        where a.attrelid = to_regclass('pg_temp.' || quote_ident($1)) and a.attnum > 0 and not a.attisdropped order by a.attnum
        """;

    /// <summary>The connection was given up at what PostgreSQL can't read: nothing more can be compared.</summary>
    public bool Lost { get; private set; }

    public async Task ExecuteAsync(string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task<bool> ExistsAsync(string table, CancellationToken cancellation) =>
        await SingleAsync(table, $"select to_regclass('{Live}.' || quote_ident($1)) is not null", row => row.GetBoolean(0), cancellation, table);

    /// <summary>Whether this version of the program made a view's tables; else there is nothing to compare them with.</summary>
    public async Task<bool> IsOfThisVersionAsync(ISubscription view, CancellationToken cancellation)
    {
        var thing = $"subscriptions name={view.Name}";
        var row = await SingleAsync("subscriptions", "select version, tables from coffrefort.subscriptions where name = $1", row => new Made(row.GetInt32(0), row.GetFieldValue<string[]>(1)), cancellation, view.Name);
        if (row is null) report.Damaged(Areas.Views, thing, "is missing, though the view has a cursor");
        else if (row.Version != view.Version) report.Unchecked(Areas.Views, thing, $"version {row.Version} of the view's tables can't be compared with version {view.Version}");
        else if (!row.Tables.ToHashSet().SetEquals(view.Tables)) report.Damaged(Areas.Views, thing, "names other tables than the view has");
        return row?.Version == view.Version;
    }

    /// <summary>The events that it passes over by decision.</summary>
    public async Task<IReadOnlySet<long>> SkipsAsync(Projection view, CancellationToken cancellation)
    {
        var skips = new HashSet<long>();
        await foreach (var position in ReadAsync(
            "subscription_skips", "select seq_id from coffrefort.subscription_skips where name = $1 and version = $2", row => row.GetInt64(0), cancellation, view.Name, view.Version))
            skips.Add(position);
        return skips;
    }

    /// <summary>Compares a live table with the temporary one of the same name.</summary>
    public async Task CompareAsync(string table, CancellationToken cancellation)
    {
        if (!await ExistsAsync(table, cancellation))
        {
            report.Damaged(Areas.Views, table, "the table is missing");
            return;
        }

        // Apart, since a page that can't be read costs the connection, and with it all that was built anew.
        if (await snapshot.ReadAsync($"select count(live::text) from {Live}.{Quoted(table)} as live", _ => { }, cancellation) is { } broken)
        {
            report.Damaged(Areas.Views, table, $"PostgreSQL can't read all of it: {broken}");
            return;
        }

        var columns = new List<(string Name, bool IsKey)>();
        await foreach (var column in ReadAsync(table, ColumnsSql, row => (row.GetString(0), row.GetBoolean(1)), cancellation, table)) columns.Add(column);
        var named = 0;
        await foreach (var (key, what) in ReadAsync(table, Differences(table, columns), row => (row.GetString(0), row.GetString(1)), cancellation))
        {
            named++;
            report.Damaged(Areas.Views, $"{table} {key}", what);
        }

        if (named == MostNamed) report.Damaged(Areas.Views, table, $"more than {MostNamed} rows differ; the others are not named: rebuild the view");
        report.LookedAt("view rows", await SingleAsync(table, $"select count(*) from pg_temp.{Quoted(table)}", row => row.GetInt64(0), cancellation));
    }

    /// <summary>What PostgreSQL can't read is a finding, and the end of these rows.</summary>
    public async IAsyncEnumerable<T> ReadAsync<T>(
        string thing, string sql, Func<NpgsqlDataReader, T> row, [EnumeratorCancellation] CancellationToken cancellation, params object[] values)
    {
        var found = new List<T>();
        await transaction.SaveAsync(Savepoint, cancellation);
        try
        {
            await using var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 };
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (found.Count < MostNamed && await reader.ReadAsync(cancellation)) found.Add(row(reader));
        }
        catch (Exception unreadable) when (ReadSnapshot.IsDamage(unreadable) || unreadable is PostgresException { SqlState: "42703" or "42P01" or "42883" })
        {
            report.Damaged(Areas.Views, thing, $"PostgreSQL can't compare it: {ReadSnapshot.ReasonOf(unreadable)}");
            Lost = !connection.FullState.HasFlag(System.Data.ConnectionState.Open);
            if (!Lost) await transaction.RollbackAsync(Savepoint, cancellation);
        }

        foreach (var item in found) yield return item;
    }

    private async Task<T?> SingleAsync<T>(string thing, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        await foreach (var found in ReadAsync(thing, sql, row, cancellation, values)) return found;
        return default;
    }

    /// <summary>Values are compared as text: whatever a column's type is, it has one.</summary>
    private static string Differences(string table, List<(string Name, bool IsKey)> columns)
    {
        var keys = columns.Where(column => column.IsKey).Select(column => Quoted(column.Name)).ToList();
        var named = string.Join(" || ',' || ", columns.Where(c => c.IsKey).Select(c => $"'{c.Name}=' || coalesce(live.{Quoted(c.Name)}, fold.{Quoted(c.Name)})::text"));
        var others = columns.Where(column => !column.IsKey).Select(column => (column.Name, Differs: $"live.{Quoted(column.Name)}::text is distinct from fold.{Quoted(column.Name)}::text")).ToList();
        var which = others.Count == 0 ? "''" : $"concat_ws(', ', {string.Join(", ", others.Select(column => $"case when {column.Differs} then '{column.Name}' end"))})";
        var differs = others.Count == 0 ? "" : " or " + string.Join(" or ", others.Select(column => column.Differs));
        return $"""
            select {named}, case when live.{keys[0]} is null then 'the row is missing, as the journal tells it' when fold.{keys[0]} is null then 'the journal does not tell of this row'
                else 'differs from what the journal tells in ' || {which} end
            from {Live}.{Quoted(table)} as live full join pg_temp.{Quoted(table)} as fold on {string.Join(" and ", keys.Select(key => $"live.{key} = fold.{key}"))}
            where live.{keys[0]} is null or fold.{keys[0]} is null{differs}
            """;
    }

    private sealed record Made(int Version, string[] Tables);

    private static string Quoted(string name) => $"\"{name}\"";
}
