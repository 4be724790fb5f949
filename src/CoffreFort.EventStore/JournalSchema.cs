using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Makes the journal's tables and the privileges of the role that serves requests.</summary>
public static class JournalSchema
{
    /// <summary>Creates what is missing; may be run again, and by several nodes at once.</summary>
    /// <param name="owner">Connects as the owner, who may create schemas and roles.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public static async Task MigrateAsync(NpgsqlDataSource owner, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(owner);
        await using var connection = await owner.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Two nodes that start together must not trip over each other's "if not exists", nor wait for one that is frozen.
        await ExecuteAsync(connection, "set local idle_in_transaction_session_timeout = '60s'; select pg_advisory_xact_lock(hashtext('coffrefort-migrate'))", cancellation);
        await using (var resource = typeof(JournalSchema).Assembly.GetManifestResourceStream("CoffreFort.EventStore.Sql.journal.sql")!)
        using (var text = new StreamReader(resource))
        {
            await ExecuteAsync(connection, await text.ReadToEndAsync(cancellation), cancellation);
        }

        await transaction.CommitAsync(cancellation);
    }

    /// <summary>Whether the connected role could change or delete stored events: then it must not serve requests.</summary>
    public static async Task<bool> CanRewriteEventsAsync(NpgsqlDataSource application, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(application);
        await using var command = application.CreateCommand(
            """
            select has_table_privilege('coffrefort.mt_events', 'update, delete, truncate')
                or has_any_column_privilege('coffrefort.mt_events', 'update')
            """);
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
