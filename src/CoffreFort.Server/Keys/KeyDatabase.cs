using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>The key database's connections; a type of its own, so that the journal's can't be taken for it.</summary>
public sealed class KeyDatabase(NpgsqlDataSource source) : IAsyncDisposable
{
    public NpgsqlDataSource Source { get; } = source;

    public static async Task MigrateAsync(NpgsqlDataSource owner, CancellationToken cancellation)
    {
        await using var resource = typeof(KeyDatabase).Assembly.GetManifestResourceStream("CoffreFort.Server.Keys.keys.sql")!;
        using var text = new StreamReader(resource);
        await using var connection = await owner.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var command = new NpgsqlCommand(
            "set local idle_in_transaction_session_timeout = '60s'; select pg_advisory_xact_lock(hashtext('coffrefort-migrate'));" + await text.ReadToEndAsync(cancellation), connection, transaction);
        await command.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    public ValueTask DisposeAsync() => Source.DisposeAsync();
}
