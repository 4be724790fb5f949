using System.Data;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>One snapshot of one database. What PostgreSQL can't read ends a query, and not the check. Changes nothing: it is rolled back. Not safe for concurrent use.</summary>
internal sealed class Snapshot : IAsyncDisposable
{
    private const string Savepoint = "before";

    private readonly NpgsqlConnection _connection;
    private readonly NpgsqlTransaction _transaction;

    private Snapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) => (_connection, _transaction) = (connection, transaction);

    public static async Task<Snapshot> BeginAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            // A short table is read as a whole otherwise, for one row too: then one broken page hides them all.
            await using var byIndex = new NpgsqlCommand("set local enable_seqscan = off", connection);
            await byIndex.ExecuteNonQueryAsync(cancellation);
            return new Snapshot(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <returns>The rows that could be read, and, if that was not all, what PostgreSQL or its driver says.</returns>
    public async Task<(List<T> Rows, string? Unreadable)> TryListAsync<T>(
        string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        var rows = new List<T>();
        await _transaction.SaveAsync(Savepoint, cancellation);
        try
        {
            await using (var command = Command(sql, values))
            await using (var reader = await command.ExecuteReaderAsync(cancellation))
            {
                while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
            }

            await _transaction.ReleaseAsync(Savepoint, cancellation);
            return (rows, null);
        }
        catch (Exception failure) when (Unreadable.Is(failure))
        {
            await _transaction.RollbackAsync(Savepoint, cancellation);
            return (rows, Unreadable.Reason(failure));
        }
    }

    public async Task ExecuteAsync(string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(sql, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await _connection.DisposeAsync();
    }

    private NpgsqlCommand Command(string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, _connection) { CommandTimeout = 0 };
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
