using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>Since when each thing is the matter, as all nodes agree on it: in the database, so that a restart is no new beginning. Safe for concurrent use.</summary>
public sealed class ProblemRecord(NpgsqlDataSource database)
{
    // A part that knows better since when wins over when it was first noticed.
    private const string NoteSql = """
        insert into coffrefort.problems as known (code, subject, since) values ($1, $2, coalesce($3, clock_timestamp()))
        on conflict (code, subject) do update set seen = clock_timestamp(), since = coalesce($3, known.since) returning since
        """;

    private const string OverSql = """
        delete from coffrefort.problems where (code, subject) in (
            select code, subject from coffrefort.problems where seen < clock_timestamp() - $1 for update skip locked) returning code, subject, since
        """;

    public async Task<IReadOnlyDictionary<(string Code, string Subject), DateTimeOffset>> ReadAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select code, subject, since from coffrefort.problems");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var known = new Dictionary<(string, string), DateTimeOffset>();
        while (await reader.ReadAsync(cancellation)) known[(reader.GetString(0), reader.GetString(1))] = Instant(reader.GetFieldValue<DateTime>(2));
        return known;
    }

    /// <summary>These are the matter now.</summary>
    /// <param name="problems">What this node sees.</param>
    /// <param name="tell">Given each with the instant when it began, and the connection in whose transaction that is written down.</param>
    /// <param name="cancellation">Ends it; nothing is written down then.</param>
    public async Task NoteAsync(IReadOnlyList<ReadinessProblem> problems, Func<ReadinessProblem, NpgsqlConnection, Task> tell, CancellationToken cancellation)
    {
        if (problems.Count == 0) return;
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // In one order on all nodes: none waits for another that waits for it.
        foreach (var problem in problems.OrderBy(one => one.Code, StringComparer.Ordinal).ThenBy(one => one.Subject, StringComparer.Ordinal))
        {
            await using var note = new NpgsqlCommand(NoteSql, connection)
            {
                Parameters = { new() { Value = problem.Code }, new() { Value = problem.Subject }, new NpgsqlParameter<DateTime?> { TypedValue = problem.Since?.UtcDateTime } },
            };
            await tell(problem with { Since = Instant((DateTime)(await note.ExecuteScalarAsync(cancellation))!) }, connection);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>What no node has seen for a while is over; what comes and goes quicker than that never ended.</summary>
    /// <param name="after">For how long.</param>
    /// <param name="tell">As above; nothing is told twice.</param>
    /// <param name="cancellation">Ends it; nothing is forgotten then.</param>
    public async Task ForgetAsync(TimeSpan after, Func<string, string, DateTimeOffset, NpgsqlConnection, Task> tell, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        var over = new List<(string Code, string Subject, DateTimeOffset Since)>();
        await using (var forget = new NpgsqlCommand(OverSql, connection) { Parameters = { new() { Value = after } } })
        await using (var reader = await forget.ExecuteReaderAsync(cancellation))
        {
            while (await reader.ReadAsync(cancellation)) over.Add((reader.GetString(0), reader.GetString(1), Instant(reader.GetFieldValue<DateTime>(2))));
        }

        foreach (var (code, subject, since) in over) await tell(code, subject, since, connection);
        await transaction.CommitAsync(cancellation);
    }

    private static DateTimeOffset Instant(DateTime utc) => new(utc, TimeSpan.Zero);
}
