using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>Work that one node does at a time. The turn goes with the connection, so another node takes over when this one dies.</summary>
/// <param name="database">The journal's database.</param>
/// <param name="name">Names the work.</param>
internal sealed class OneNode(NpgsqlDataSource database, string name)
{
    /// <summary>A node that vanished without closing its connection says nothing any more: PostgreSQL ends its session, and so its turn.</summary>
    public static readonly TimeSpan LongestSilence = TimeSpan.FromSeconds(60);

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
