using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Writes down every event that takes effect, in the order in which it does.</summary>
internal sealed class Ledger(string name) : ISubscription
{
    /// <summary>Whether it stumbles at the positions in coffrefort_views.poison.</summary>
    public bool Poison { get; init; }

    /// <summary>Something to wait for before each batch.</summary>
    public Func<Task>? Before { get; init; }

    public string Name => name;

    public int Version { get; init; } = 1;

    public IReadOnlyList<string> Tables => [Version == 1 ? $"ledger_{name}" : $"ledger_{name}_{Version}"];

    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"create table if not exists {Tables[0]} (entry bigint generated always as identity, position bigint)", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
    {
        if (Before is not null) await Before();
        foreach (var stored in events)
        {
            var sql = $"insert into {Tables[0]} (position) values ($1)";
            if (Poison) sql += "; select 1 / (1 - count(*)) from coffrefort_views.poison where position = $1";
            await using var batch = new NpgsqlBatch(connection);
            foreach (var part in sql.Split(';'))
                batch.BatchCommands.Add(new NpgsqlBatchCommand(part) { Parameters = { new NpgsqlParameter<long> { TypedValue = stored.Position } } });
            await batch.ExecuteNonQueryAsync(cancellation);
        }
    }
}
