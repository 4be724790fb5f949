using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>The bare group commit: the same rows by multi-row insert in one round trip; no order, no check, no hash, no head.</summary>
internal sealed class Floor(NpgsqlDataSource database, bool grouped) : IAsyncDisposable
{
    // Both kinds of floor write the same table.
    private static long last;

    private readonly ConcurrentQueue<(Guid Stream, byte[][] Bodies, TaskCompletionSource Done)> _waiting = new();
    private readonly ConcurrentBag<NpgsqlConnection> _connections = [];
    private int _pumping;

    public async Task AppendAsync(Guid stream, byte[][] bodies)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        if (!grouped)
        {
            await WriteAsync([(stream, bodies, done)]);
            return;
        }

        _waiting.Enqueue((stream, bodies, done));
        if (Interlocked.CompareExchange(ref _pumping, 1, 0) == 0) _ = PumpAsync();
        await done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
    }

    private async Task PumpAsync()
    {
        do
        {
            while (Next() is { Count: > 0 } group) await WriteAsync(group);
            Volatile.Write(ref _pumping, 0);
        }
        while (!_waiting.IsEmpty && Interlocked.CompareExchange(ref _pumping, 1, 0) == 0);
    }

    private List<(Guid Stream, byte[][] Bodies, TaskCompletionSource Done)> Next()
    {
        var group = new List<(Guid, byte[][], TaskCompletionSource)>();
        while (group.Count < 256 && _waiting.TryDequeue(out var one)) group.Add(one);
        return group;
    }

    private async Task WriteAsync(List<(Guid Stream, byte[][] Bodies, TaskCompletionSource Done)> group)
    {
        if (!_connections.TryTake(out var connection)) connection = await database.OpenConnectionAsync();
        var rows = group.SelectMany(one => one.Bodies.Select((body, i) => (one.Stream, Version: i + 1L, Body: body))).ToList();
        var first = Interlocked.Add(ref last, rows.Count) - rows.Count + 1;
        await using var batch = new NpgsqlBatch(connection);
        var events = new NpgsqlBatchCommand(
            """
            insert into floor.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
            """);
        Add(events, rows.Select((_, i) => first + i), NpgsqlDbType.Bigint);
        Add(events, rows.Select(_ => Guid.CreateVersion7()), NpgsqlDbType.Uuid);
        Add(events, rows.Select(row => row.Stream), NpgsqlDbType.Uuid);
        Add(events, rows.Select(row => row.Version), NpgsqlDbType.Bigint);
        Add(events, rows.Select(row => row.Body), NpgsqlDbType.Json);
        Add(events, rows.Select(_ => "bench_noted"), NpgsqlDbType.Varchar);
        Add(events, rows.Select(_ => DateTime.UtcNow), NpgsqlDbType.TimestampTz);
        Add(events, rows.Select(_ => "Noted"), NpgsqlDbType.Varchar);
        var streams = new NpgsqlBatchCommand(
            "insert into floor.mt_streams (id, type, version, timestamp, created) select id, 'bench', version, now(), now() from unnest($1, $2) as s(id, version)");
        Add(streams, group.Select(one => one.Stream), NpgsqlDbType.Uuid);
        Add(streams, group.Select(one => (long)one.Bodies.Length), NpgsqlDbType.Bigint);
        batch.BatchCommands.Add(events);
        batch.BatchCommands.Add(streams);
        await batch.PrepareAsync();
        await batch.ExecuteNonQueryAsync();
        _connections.Add(connection);
        foreach (var one in group) one.Done.SetResult();
    }

    private static void Add<T>(NpgsqlBatchCommand command, IEnumerable<T> values, NpgsqlDbType element) =>
        command.Parameters.Add(new NpgsqlParameter { Value = values.ToArray(), NpgsqlDbType = NpgsqlDbType.Array | element });
}
