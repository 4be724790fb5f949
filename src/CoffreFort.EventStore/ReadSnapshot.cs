using System.Data;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// One snapshot of a database for as long as a check takes. What PostgreSQL itself can't read (a page with a wrong checksum, a text that is none any more) ends a
/// query, and not the check.
/// </summary>
/// <remarks>
/// Two connections: the driver gives one up at an internal error of PostgreSQL (class XX), so queries run on a second one, which is opened again on the same
/// snapshot; the first only keeps that. Reads only. Not safe for concurrent use.
/// </remarks>
public sealed class ReadSnapshot : IAsyncDisposable
{
    private const string Savepoint = "before";

    private readonly NpgsqlDataSource _database;
    private readonly NpgsqlConnection _keeper;
    private readonly string _id;
    private NpgsqlConnection? _connection;
    private NpgsqlTransaction? _transaction;
    private bool _byIndex;

    private ReadSnapshot(NpgsqlDataSource database, NpgsqlConnection keeper, string id) => (_database, _keeper, _id) = (database, keeper, id);

    /// <summary>Takes the snapshot.</summary>
    /// <param name="database">The database; its pool must have two connections to spare.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <exception cref="NpgsqlException">The database can't be reached.</exception>
    public static async Task<ReadSnapshot> BeginAsync(NpgsqlDataSource database, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(database);
        var keeper = await database.OpenConnectionAsync(cancellation);
        try
        {
            // Ends with the connection.
            await keeper.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using var export = new NpgsqlCommand("set local idle_in_transaction_session_timeout = 0; select pg_export_snapshot()", keeper);
            return new ReadSnapshot(database, keeper, (string)(await export.ExecuteScalarAsync(cancellation))!);
        }
        catch
        {
            await keeper.DisposeAsync();
            throw;
        }
    }

    /// <summary>Whether a failure says that stored bytes can't be read, rather than that the database can't be asked.</summary>
    /// <param name="failure">What a query threw.</param>
    // Class XX, internal error: corrupted data or index. Class 22, data exception. 58030 and 58P01, a file that can't be read or is gone.
    public static bool IsDamage(Exception? failure) => failure switch
    {
        PostgresException reported => reported.SqlState is ['X', 'X', ..] or ['2', '2', ..] or "58030" or "58P01",
        // The driver's word for a connection that it gave up because of such an error; and the journal's, since for a writer it is an outage.
        ObjectDisposedException or JournalUnavailableException => IsDamage(failure.InnerException),
        InvalidCastException or FormatException or ArgumentException or OverflowException => true,
        _ => false,
    };

    /// <summary>That failure in PostgreSQL's words: they name a file's block, and no value.</summary>
    /// <param name="failure">One that <see cref="IsDamage"/> knows.</param>
    public static string ReasonOf(Exception failure) => failure switch
    {
        PostgresException reported => reported.MessageText,
        { InnerException: { } cause } => ReasonOf(cause),
        _ => failure?.Message ?? "",
    };

    /// <summary>Runs a query and gives each row to <paramref name="row"/>.</summary>
    /// <param name="sql">The query.</param>
    /// <param name="row">Called for each row, before the next is read.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <param name="values">Of the parameters, in order.</param>
    /// <returns>What PostgreSQL or its driver says of data that can't be read; null when all rows came.</returns>
    public async Task<string?> ReadAsync(string sql, Action<NpgsqlDataReader> row, CancellationToken cancellation, params object[] values)
    {
        ArgumentNullException.ThrowIfNull(row);
        var (connection, transaction) = await WorkingAsync(cancellation);
        await transaction.SaveAsync(Savepoint, cancellation);
        try
        {
            await using (var command = new NpgsqlCommand(sql, connection) { CommandTimeout = 0 })
            {
                foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
                await using var reader = await command.ExecuteReaderAsync(cancellation);
                while (await reader.ReadAsync(cancellation)) row(reader);
            }

            await transaction.ReleaseAsync(Savepoint, cancellation);
            return null;
        }
        catch (Exception failure) when (IsDamage(failure))
        {
            if (connection.FullState.HasFlag(ConnectionState.Open)) await transaction.RollbackAsync(Savepoint, cancellation);
            else await GiveUpAsync();
            return ReasonOf(failure);
        }
    }

    /// <summary>The same as a list.</summary>
    /// <returns>The rows that could be read, and, if these were not all, why.</returns>
    /// <inheritdoc cref="ReadAsync"/>
    public async Task<(List<T> Rows, string? Unreadable)> TryListAsync<T>(
        string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        ArgumentNullException.ThrowIfNull(row);
        var rows = new List<T>();
        return (rows, await ReadAsync(sql, read => rows.Add(row(read)), cancellation, values));
    }

    /// <summary>Whether rows are only found by index: a short table is read as a whole otherwise, for one row too, and then one broken page hides them all.</summary>
    /// <param name="only">From now on.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task ByIndexAsync(bool only, CancellationToken cancellation)
    {
        _byIndex = only;
        if (_connection is not null) await PlanAsync(_connection, cancellation);
    }

    /// <summary>A transaction of the caller's own on the same snapshot, which may also write temporary tables; the caller disposes of its connection.</summary>
    /// <param name="cancellation">Ends the wait.</param>
    public async Task<NpgsqlTransaction> JoinAsync(CancellationToken cancellation)
    {
        var connection = await _database.OpenConnectionAsync(cancellation);
        try
        {
            var transaction = await connection.BeginTransactionAsync(IsolationLevel.RepeatableRead, cancellation);
            await using var join = new NpgsqlCommand($"set transaction snapshot '{_id}'", connection);
            await join.ExecuteNonQueryAsync(cancellation);
            return transaction;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await GiveUpAsync();
        await _keeper.DisposeAsync();
    }

    private async Task<(NpgsqlConnection Connection, NpgsqlTransaction Transaction)> WorkingAsync(CancellationToken cancellation)
    {
        if (_connection is not null && _transaction is not null) return (_connection, _transaction);
        var transaction = await JoinAsync(cancellation);
        (_connection, _transaction) = (transaction.Connection!, transaction);
        await PlanAsync(_connection, cancellation);
        return (_connection, _transaction);
    }

    private async Task PlanAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand($"set local enable_seqscan = {(_byIndex ? "off" : "on")}; set local jit = off", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private async Task GiveUpAsync()
    {
        if (_connection is not null) await _connection.DisposeAsync();
        (_connection, _transaction) = (null, null);
    }
}
