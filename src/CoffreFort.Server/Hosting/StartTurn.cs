using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>
/// What nodes that start together must do one after the other, so that the first one does it and the others find it done. Held in PostgreSQL: it
/// holds between machines, and goes with the node that dies.
/// </summary>
public sealed class StartTurn(NpgsqlDataSource journal)
{
    private const int LongestSecondsWaited = 300;

    /// <summary>Waits until no other node has it; disposing hands it on.</summary>
    public async Task<IAsyncDisposable> TakeAsync(CancellationToken cancellation)
    {
        var connection = await journal.OpenConnectionAsync(cancellation);
        try
        {
            // The lock ends with the transaction: the pool can't keep it.
            var transaction = await connection.BeginTransactionAsync(cancellation);
            await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('coffrefort-start'))", connection) { CommandTimeout = LongestSecondsWaited };
            await command.ExecuteNonQueryAsync(cancellation);
            return new Held(connection, transaction);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class Held(NpgsqlConnection connection, NpgsqlTransaction transaction) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await transaction.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
