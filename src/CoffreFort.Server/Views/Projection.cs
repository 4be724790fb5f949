using System.Text.RegularExpressions;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Views;

/// <summary>A projection: one table (or a table with its details), a <c>switch</c> over events, and SQL one can read.</summary>
/// <remarks>
/// It can be dropped and rebuilt from the journal. Personal texts stand in it only as envelopes. Its own SQL names its tables without a schema, so that it can
/// build the next set beside the live one; whoever reads them writes <c>coffrefort_views.</c> before the name.
/// </remarks>
public abstract partial class Projection : ISubscription
{
    /// <summary>Also the cursor's name.</summary>
    public abstract string Name { get; }

    /// <summary>Raised by one when <see cref="Table"/>, or what it makes of events, changes: the next start then builds it anew beside the old one.</summary>
    public virtual int Version => 1;

    /// <summary>As <see cref="Table"/> creates them.</summary>
    public IReadOnlyList<string> Tables => [.. CreatedTable().Matches(Table).Select(match => match.Groups[1].Value)];

    /// <summary>Creates the table if it isn't there.</summary>
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

    [GeneratedRegex(@"create table if not exists ([a-z_]+)")]
    private static partial Regex CreatedTable();
}
