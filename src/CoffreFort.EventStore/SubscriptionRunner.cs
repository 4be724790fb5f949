using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Runs one subscription on this node whenever no other node does.</summary>
/// <remarks>A session advisory lock keeps it to one node; the lock goes with the connection, so another node takes over when this one dies.</remarks>
#pragma warning disable CA1001 // A SemaphoreSlim whose wait handle nobody asks for holds nothing to dispose of.
internal sealed class SubscriptionRunner(Journal journal, NpgsqlDataSource database, ISubscription subscription, SubscriptionOptions options)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _gate = new();
    private readonly List<(long Position, TaskCompletionSource Reached)> _waiters = [];
    private long _position;
    private bool _runsHere;
    private string? _stoppedBy;

    public SubscriptionStatus Status => new(subscription.Name, Volatile.Read(ref _position), _runsHere, _stoppedBy);

    public void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    /// <summary>Completes when this node's run has passed <paramref name="position"/>; never, if another node runs it.</summary>
    public Task ReachedAsync(long position)
    {
        lock (_gate)
        {
            if (_position >= position) return Task.CompletedTask;
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiters.Add((position, waiter));
            return waiter.Task;
        }
    }

    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stopping);
                if (await TryLockAsync(connection, stopping)) await FollowAsync(connection, stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // A subscription that stops must say why and try again; it never takes the node down.
            catch (Exception failure)
            {
                _stoppedBy = failure.Message;
            }
#pragma warning restore CA1031
            finally
            {
                _runsHere = false;
            }

            await WaitAsync(options.RetryAfter, stopping);
        }
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('coffrefort:' || $1, 0))", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Name });
        return (bool)(await command.ExecuteScalarAsync(stopping))!;
    }

    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await subscription.PrepareAsync(connection, stopping);
        Moved(await CursorAsync(connection, stopping));
        _runsHere = true;
        while (true)
        {
            var batch = await NextAsync(connection, stopping);
            if (batch.Count > 0) await ApplyAsync(connection, batch, stopping);
            else await WaitAsync(options.PollEvery, stopping);
            _stoppedBy = null;
        }
    }

    private async Task<List<StoredEvent>> NextAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        var batch = new List<StoredEvent>();
        var after = _position;
        await foreach (var stored in EventReader.ReadAllAsync(connection, journal.Registry, after, checked(after + options.BatchSize), stopping))
            batch.Add(stored);
        return batch;
    }

    private async Task ApplyAsync(NpgsqlConnection connection, List<StoredEvent> batch, CancellationToken stopping)
    {
        try
        {
            await ApplyInOneTransactionAsync(connection, batch, stopping);
        }
        catch (Exception failure) when (batch.Count > 1 && failure is not OperationCanceledException and not NpgsqlException { IsTransient: true })
        {
            // Somewhere in the batch is a poison event: take the good ones before it, and stop exactly there.
            foreach (var stored in batch) await ApplyAsync(connection, [stored], stopping);
        }
        catch (Exception failure) when (batch.Count == 1 && failure is not OperationCanceledException and not NpgsqlException { IsTransient: true })
        {
            throw new InvalidOperationException($"Event {batch[0].Position} ({batch[0].Type}) can't be applied: {failure.Message}", failure);
        }
    }

    private async Task ApplyInOneTransactionAsync(NpgsqlConnection connection, List<StoredEvent> batch, CancellationToken stopping)
    {
        await using var transaction = await connection.BeginTransactionAsync(stopping);
        await subscription.ApplyAsync(batch, connection, stopping);
        await using var move = new NpgsqlCommand(
            """
            update coffrefort.mt_event_progression set last_seq_id = $2, last_updated = clock_timestamp()
            where name = $1 and last_seq_id = $3
            """, connection, transaction);
        move.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Name });
        move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = batch[^1].Position });
        move.Parameters.Add(new NpgsqlParameter<long> { TypedValue = batch[0].Position - 1 });
        if (await move.ExecuteNonQueryAsync(stopping) != 1)
            throw new InvalidOperationException($"The cursor of '{subscription.Name}' was moved by somebody else.");
        await transaction.CommitAsync(stopping);
        Moved(batch[^1].Position);
    }

    private async Task<long> CursorAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using var command = new NpgsqlCommand(
            """
            with made as (insert into coffrefort.mt_event_progression (name, last_seq_id) values ($1, 0) on conflict do nothing)
            select coalesce((select last_seq_id from coffrefort.mt_event_progression where name = $1), 0)
            """, connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Name });
        return (long)(await command.ExecuteScalarAsync(stopping))!;
    }

    private void Moved(long position)
    {
        lock (_gate)
        {
            _position = position;
            foreach (var (_, reached) in _waiters.Where(waiter => waiter.Position <= position)) reached.TrySetResult();
            _waiters.RemoveAll(waiter => waiter.Position <= position);
        }
    }

    private Task<bool> WaitAsync(TimeSpan atMost, CancellationToken stopping) => _wake.WaitAsync(atMost, stopping);
}
