using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>One row a stream.</summary>
internal sealed class StreamTable : ISubscription
{
    public string Name => "bench_streams";

    public IReadOnlyList<string> Tables => ["bench_streams"];

    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("create table if not exists bench_streams (id uuid primary key, notes bigint not null, sum bigint not null)", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
    {
        var changes = new Dictionary<Guid, (long Notes, long Sum)>();
        foreach (var stored in events)
        {
            if (stored.Body is not Noted noted) continue;
            var (notes, sum) = changes.GetValueOrDefault(stored.StreamId);
            changes[stored.StreamId] = (notes + 1, sum + noted.Number);
        }

        await using var command = new NpgsqlCommand(
            """
            insert into bench_streams as b (id, notes, sum) select * from unnest($1, $2, $3)
            on conflict (id) do update set notes = b.notes + excluded.notes, sum = b.sum + excluded.sum
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. changes.Keys] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. changes.Values.Select(change => change.Notes)] });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = [.. changes.Values.Select(change => change.Sum)] });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}

/// <summary>One number.</summary>
internal sealed class Counter : ISubscription
{
    public string Name => "bench_counter";

    public IReadOnlyList<string> Tables => ["bench_counter"];

    public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("create table if not exists bench_counter (notes bigint not null); insert into bench_counter values (0)", connection);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    public async Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("update bench_counter set notes = notes + $1", connection);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = events.LongCount(stored => stored.Type == "bench_noted") });
        await command.ExecuteNonQueryAsync(cancellation);
    }
}
