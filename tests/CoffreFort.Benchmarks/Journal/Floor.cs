using System.Collections.Concurrent;
using Npgsql;
using NpgsqlTypes;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>
/// The bare group commit: the same rows by multi-row insert in one round trip of prepared statements; no order, no check, no hash, no head.
/// Ungrouped, each append is a transaction of its own on a connection of its own.
/// </summary>
internal sealed class Floor(NpgsqlDataSource database, bool grouped) : IAsyncDisposable
{
    // Both kinds of floor write the same table.
    private static long last;

    private readonly ConcurrentQueue<Write> _waiting = new();
    private readonly ConcurrentBag<FloorConnection> _connections = [];
    // PostgreSQL takes a hundred connections by default: more callers than this wait for one.
    private readonly SemaphoreSlim _free = new(32);
    private int _pumping;

    /// <param name="stream">The stream.</param>
    /// <param name="version">Its version before; 0 begins it.</param>
    /// <param name="bodies">JSON.</param>
    public async Task AppendAsync(Guid stream, long version, byte[][] bodies)
    {
        var write = new Write(stream, version, bodies, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        if (!grouped)
        {
            await _free.WaitAsync();
            await WriteAsync([write]);
            _free.Release();
            return;
        }

        _waiting.Enqueue(write);
        if (Interlocked.CompareExchange(ref _pumping, 1, 0) == 0) _ = PumpAsync();
        await write.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connection in _connections) await connection.DisposeAsync();
        _free.Dispose();
    }

    private async Task PumpAsync()
    {
        do
        {
            while (Next() is { Count: > 0 } group) await WriteAsync(group);
            // A full fence, or a call that comes in before the next look at the queue would wait for another one.
            Interlocked.Exchange(ref _pumping, 0);
        }
        while (!_waiting.IsEmpty && Interlocked.CompareExchange(ref _pumping, 1, 0) == 0);
    }

    private List<Write> Next()
    {
        var group = new List<Write>();
        while (group.Count < 256 && _waiting.TryDequeue(out var one)) group.Add(one);
        return group;
    }

    private async Task WriteAsync(List<Write> group)
    {
        if (!_connections.TryTake(out var connection)) connection = new FloorConnection(await database.OpenConnectionAsync());
        var events = group.Sum(write => write.Bodies.Length);
        await connection.WriteAsync(group, Interlocked.Add(ref last, events) - events + 1);
        _connections.Add(connection);
        foreach (var one in group) one.Done.SetResult();
    }

    internal sealed record Write(Guid Stream, long Version, byte[][] Bodies, TaskCompletionSource Done);

    private sealed class FloorConnection(NpgsqlConnection connection) : IAsyncDisposable
    {
        private const string Events = """
            insert into floor.mt_events (seq_id, id, stream_id, version, data, type, timestamp, mt_dotnet_type)
            select * from unnest($1, $2, $3, $4, $5, $6, $7, $8)
            """;

        private const string Begun =
            "insert into floor.mt_streams (id, type, version, timestamp, created) select id, 'bench', version, now(), now() from unnest($1, $2) as s(id, version)";

        private const string Moved = $"{Begun} on conflict (id) do update set version = excluded.version, timestamp = excluded.timestamp";

        private readonly NpgsqlBatch _begin = new(connection) { BatchCommands = { new(Events), new(Begun) } };
        private readonly NpgsqlBatch _move = new(connection) { BatchCommands = { new(Events), new(Moved) } };

        public async Task WriteAsync(List<Write> group, long first)
        {
            var batch = group.TrueForAll(one => one.Version == 0) ? _begin : _move;
            var fresh = batch.BatchCommands[0].Parameters.Count == 0;
            var rows = group.SelectMany(one => one.Bodies.Select((body, i) => (one.Stream, Version: one.Version + i + 1L, Body: body))).ToArray();
            var next = 0;
            var command = batch.BatchCommands[0];
            Put(Enumerable.Range(0, rows.Length).Select(i => first + i).ToArray(), NpgsqlDbType.Bigint);
            Put(Array.ConvertAll(rows, _ => Guid.CreateVersion7()), NpgsqlDbType.Uuid);
            Put(Array.ConvertAll(rows, row => row.Stream), NpgsqlDbType.Uuid);
            Put(Array.ConvertAll(rows, row => row.Version), NpgsqlDbType.Bigint);
            Put(Array.ConvertAll(rows, row => row.Body), NpgsqlDbType.Json);
            Put(Array.ConvertAll(rows, _ => "bench_noted"), NpgsqlDbType.Varchar);
            Put(Array.ConvertAll(rows, _ => DateTime.UtcNow), NpgsqlDbType.TimestampTz);
            Put(Array.ConvertAll(rows, _ => "CoffreFort.Benchmarks.Journal.Noted"), NpgsqlDbType.Varchar);
            (command, next) = (batch.BatchCommands[1], 0);
            Put(group.Select(one => one.Stream).ToArray(), NpgsqlDbType.Uuid);
            Put(group.Select(one => one.Version + one.Bodies.Length).ToArray(), NpgsqlDbType.Bigint);
            if (fresh) await batch.PrepareAsync();
            await batch.ExecuteNonQueryAsync();

            void Put<T>(T[] values, NpgsqlDbType element)
            {
                if (next == command.Parameters.Count) command.Parameters.Add(new NpgsqlParameter<T[]> { NpgsqlDbType = NpgsqlDbType.Array | element });
                ((NpgsqlParameter<T[]>)command.Parameters[next++]).TypedValue = values;
            }
        }

        public async ValueTask DisposeAsync()
        {
            await _begin.DisposeAsync();
            await _move.DisposeAsync();
            await connection.DisposeAsync();
        }
    }
}
