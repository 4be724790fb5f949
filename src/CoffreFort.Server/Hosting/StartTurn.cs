using CoffreFort.Server.Checkpoints;
using Npgsql;

namespace CoffreFort.Server.Hosting;

/// <summary>
/// What nodes that start together must do one after the other, so that the first one does it and the others find it done. Held in PostgreSQL: it
/// holds between machines, and goes with the node that dies, or freezes.
/// </summary>
public sealed class StartTurn(NpgsqlDataSource journal)
{
    private const int LongestSecondsWaited = 300;

    /// <summary>A node that has the turn and says nothing for so long has lost it.</summary>
    public TimeSpan LongestSilence { get; init; } = SignOfLife.LongestSilence;

    /// <summary>How often something is said while it is held.</summary>
    public TimeSpan SpeaksEvery { get; init; } = SignOfLife.SpeaksEvery;

    /// <summary>Waits until no other node has it; disposing hands it on.</summary>
    public async Task<IAsyncDisposable> TakeAsync(CancellationToken cancellation)
    {
        var connection = await journal.OpenConnectionAsync(cancellation);
        try
        {
            // The lock and the limit end with the transaction: the pool can't keep them.
            var transaction = await connection.BeginTransactionAsync(cancellation);
            await using (var limit = new NpgsqlCommand($"set local idle_in_transaction_session_timeout = {(long)LongestSilence.TotalMilliseconds}", connection))
                await limit.ExecuteNonQueryAsync(cancellation);
            await using var command = new NpgsqlCommand("select pg_advisory_xact_lock(hashtext('coffrefort-start'))", connection) { CommandTimeout = LongestSecondsWaited };
            await command.ExecuteNonQueryAsync(cancellation);
            return new Held(connection, transaction, new SignOfLife(connection, SpeaksEvery, CancellationToken.None));
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class Held(NpgsqlConnection connection, NpgsqlTransaction transaction, SignOfLife alive) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await alive.DisposeAsync();
            try
            {
                await transaction.DisposeAsync();
            }
            catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
            {
                // The turn was lost; what was done in it may be done twice.
            }

            await connection.DisposeAsync();
        }
    }
}
