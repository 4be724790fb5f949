using System.Data;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// One snapshot for a whole verification. What PostgreSQL itself can't read (a page with a wrong checksum, a text that is none any more) ends a query, and not the
/// verification. Not safe for concurrent use.
/// </summary>
internal sealed class VerificationSnapshot : IAsyncDisposable
{
    private readonly NpgsqlTransaction _transaction;

    private VerificationSnapshot(NpgsqlConnection connection, NpgsqlTransaction transaction) => (Connection, _transaction) = (connection, transaction);

    public NpgsqlConnection Connection { get; }

    public static async Task<VerificationSnapshot> BeginAsync(NpgsqlDataSource database, CancellationToken cancellation)
    {
        var connection = await database.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using var readOnly = new NpgsqlCommand("set transaction read only", connection);
            await readOnly.ExecuteNonQueryAsync(cancellation);
            return new VerificationSnapshot(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <summary>Runs a query and gives each row to <paramref name="row"/>.</summary>
    /// <returns>What PostgreSQL or its driver says of data that can't be read; null when all rows came.</returns>
    public async Task<string?> ReadAsync(string sql, Action<NpgsqlDataReader> row, CancellationToken cancellation, params object[] values)
    {
        const string savepoint = "before";
        await _transaction.SaveAsync(savepoint, cancellation);
        try
        {
            await using (var command = new NpgsqlCommand(sql, Connection) { CommandTimeout = 0 })
            {
                foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation)) row(reader);
            }

            await _transaction.ReleaseAsync(savepoint, cancellation);
            return null;
        }
        catch (Exception failure) when (IsDamage(failure))
        {
            await _transaction.RollbackAsync(savepoint, cancellation);
            return failure is PostgresException reported ? reported.MessageText : failure.Message;
        }
    }

    /// <summary>Whether rows are only found by index: a short table is read as a whole otherwise, for one row too, and then one broken page hides them all.</summary>
    public async Task ByIndexAsync(bool only, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"set local enable_seqscan = {(only ? "off" : "on")}", Connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        await _transaction.DisposeAsync();
        await Connection.DisposeAsync();
    }

    // Class XX, internal error: corrupted data or index. Class 22, data exception. 58030, input or output error of a file.
    private static bool IsDamage(Exception failure) => failure switch
    {
        PostgresException reported => reported.SqlState is ['X', 'X', ..] or ['2', '2', ..] or "58030" or "58P01",
        InvalidCastException or FormatException or ArgumentException or OverflowException => true,
        _ => false,
    };
}
