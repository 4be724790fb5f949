using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Views;

/// <summary>A projection: one table (or a table with its details), a <c>switch</c> over events, and SQL one can read.</summary>
/// <remarks>It can be dropped and rebuilt from the journal. Personal texts stand in it only as envelopes.</remarks>
public abstract class Projection : ISubscription
{
    /// <summary>Also the cursor's name; a new shape gets a new name (<c>document_list_2</c>) and is built anew beside the old one.</summary>
    public abstract string Name { get; }

    /// <summary>Creates the table if it isn't there, in the schema of the views.</summary>
    protected abstract string Table { get; }

    /// <summary>What the event changes.</summary>
    protected abstract void Project(StoredEvent stored, SqlBatch sql);

    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(Table, connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    // sample: apply
    public async Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var sql = new SqlBatch(connection);
        foreach (var stored in events) Project(stored, sql);
        await sql.RunAsync(cancellation);
    }
    // end-sample
}
