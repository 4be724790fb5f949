using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Work that one node does at a time. The turn goes with the connection, so another node takes over when this one dies.</summary>
/// <param name="database">The journal's database.</param>
/// <param name="name">Names the work.</param>
public sealed class OneNode(NpgsqlDataSource database, string name)
{
    /// <summary>A node that vanished without closing its connection, or froze, says nothing any more: PostgreSQL ends its session, and so its turn.</summary>
    public TimeSpan LongestSilence { get; init; } = SignOfLife.LongestSilence;

    /// <summary>How often something is said meanwhile.</summary>
    public TimeSpan SpeaksEvery { get; init; } = SignOfLife.SpeaksEvery;

    /// <summary>Does the work if no other node does it now.</summary>
    /// <param name="work">Given the connection that holds the turn; must say something on it more often than <see cref="LongestSilence"/>.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>False when another node has the turn.</returns>
    public async Task<bool> TryAsync(Func<NpgsqlConnection, Task> work, CancellationToken cancellation)
    {
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await LockAsync(connection, cancellation)) return false;
        try
        {
            await work(connection);
            return true;
        }
        finally
        {
            await UnlockAsync(connection);
        }
    }

    /// <summary>The same for work that has nothing to do with the connection: this says something on it meanwhile.</summary>
    /// <param name="work">Its token ends it when the turn is lost.</param>
    /// <param name="cancellation">Ends it.</param>
    /// <returns>False when another node has the turn.</returns>
    /// <exception cref="NpgsqlException">The turn was lost; another node may have it already.</exception>
    public Task<bool> TryWhileAliveAsync(Func<CancellationToken, Task> work, CancellationToken cancellation) => TryAsync(
        async connection =>
        {
            await using var alive = new SignOfLife(connection, SpeaksEvery, cancellation);
            try
            {
                await work(alive.TurnLost);
            }
            catch (OperationCanceledException) when (alive.Loss is not null && !cancellation.IsCancellationRequested)
            {
                throw alive.Loss;
            }
        },
        cancellation);

    private async Task<bool> LockAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('coffrefort:' || $1, 0))", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        if (!(bool)(await command.ExecuteScalarAsync(cancellation))!) return false;
        await using var settings = new NpgsqlCommand("select set_config('idle_session_timeout', $1, false)", connection);
        settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{(long)LongestSilence.TotalMilliseconds}" });
        await settings.ExecuteNonQueryAsync(cancellation);
        return true;
    }

    /// <summary>The pool would keep the session as it is, with the lock, until somebody happened to use that connection again.</summary>
    private static async Task UnlockAsync(NpgsqlConnection connection)
    {
        try
        {
            await using var command = new NpgsqlCommand("rollback; reset all; select pg_advisory_unlock_all()", connection) { CommandTimeout = 5 };
            await command.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (Exception failure) when (failure is NpgsqlException or InvalidOperationException)
        {
            // The connection is broken, and its locks went with it.
        }
    }
}
