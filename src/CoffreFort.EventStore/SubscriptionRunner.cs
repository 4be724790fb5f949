using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Runs one subscription on this node whenever no other node does.</summary>
/// <remarks>A session advisory lock keeps it to one node; the lock goes with the connection, so another node takes over when this one dies.</remarks>
#pragma warning disable CA1001 // A SemaphoreSlim whose wait handle nobody asks for holds nothing to dispose of.
internal sealed class SubscriptionRunner(Journal journal, NpgsqlDataSource database, ISubscription subscription, SubscriptionOptions options)
#pragma warning restore CA1001
{
    // A node that vanished without closing its connection says nothing any more: PostgreSQL ends its session, and so frees the lock.
    private const string SettingsSql = """
        select set_config('idle_session_timeout', $1, false), set_config('idle_in_transaction_session_timeout', $2, false)
        """;

    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly Lock _gate = new();
    private readonly List<(long Position, TaskCompletionSource Reached)> _waiters = [];
    private long _position;
    private volatile bool _runsHere;
    private volatile string? _stoppedBy;

    public SubscriptionStatus Status => new(subscription.Name, Volatile.Read(ref _position), _runsHere, _stoppedBy);

    public void Wake()
    {
        lock (_gate)
        {
            if (_wake.CurrentCount == 0) _wake.Release();
        }
    }

    /// <summary>Waits until this node's run has passed <paramref name="position"/>; in vain, if another node runs it.</summary>
    public async Task<bool> ReachedAsync(long position, TimeSpan atMost, CancellationToken cancellation)
    {
        var waiter = (position, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_position >= position) return true;
            _waiters.Add(waiter);
        }

        try
        {
            await waiter.Item2.Task.WaitAsync(atMost, cancellation);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
        finally
        {
            lock (_gate) _waiters.Remove(waiter);
        }
    }

    /// <summary>Returns when stopped; whatever else happens is shown in <see cref="Status"/> and tried again.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await database.OpenConnectionAsync(stopping);
                if (await TryLockAsync(connection, stopping)) await FollowWhileLockedAsync(connection, stopping);
                // Another node runs it: what stopped it here is no longer what is the matter.
                _stoppedBy = null;
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

            // Not cut short by new events: they are no reason to hope, and would make a poison event a busy loop.
            await Task.Delay(options.RetryAfter, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryLockAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using var command = new NpgsqlCommand("select pg_try_advisory_lock(hashtextextended('coffrefort:' || $1, 0))", connection);
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = subscription.Name });
        return (bool)(await command.ExecuteScalarAsync(stopping))!;
    }

    private async Task FollowWhileLockedAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        try
        {
            await FollowAsync(connection, stopping);
        }
        finally
        {
            _runsHere = false;
            await UnlockAsync(connection);
        }
    }

    /// <summary>The pool would keep the session as it is, with the lock and the short patience, until somebody happened to use that connection again.</summary>
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

    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await using (var settings = new NpgsqlCommand(SettingsSql, connection))
        {
            var silence = Math.Max(10_000, (long)(options.PollEvery.TotalMilliseconds * 5));
            settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{silence}" });
            settings.Parameters.Add(new NpgsqlParameter<string> { TypedValue = $"{silence * 6}" });
            await settings.ExecuteNonQueryAsync(stopping);
        }

        await subscription.PrepareAsync(connection, stopping);
        Moved(await CursorAsync(connection, stopping));
        _runsHere = true;
        while (true)
        {
            var after = Volatile.Read(ref _position);
            var batch = await EventReader.ReadRangeAsync(connection, journal.Registry, after, checked(after + options.BatchSize), stopping);
            if (batch.Count > 0) await ApplyAsync(connection, batch, stopping);
            _stoppedBy = null;
            if (batch.Count == 0) await _wake.WaitAsync(options.PollEvery, stopping);
        }
    }

    private async Task ApplyAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> batch, CancellationToken stopping)
    {
        try
        {
            await ApplyInOneTransactionAsync(connection, batch, stopping);
        }
        catch (Exception failure) when (batch.Count > 1 && IsPoison(failure, connection))
        {
            // Somewhere in the batch is a poison event: take the good ones before it, and stop exactly there.
            foreach (var stored in batch) await ApplyAsync(connection, [stored], stopping);
        }
        catch (Exception failure) when (batch.Count == 1 && IsPoison(failure, connection))
        {
            throw new InvalidOperationException($"Event {batch[0].Position} ({batch[0].Type}) can't be applied: {failure.Message}", failure);
        }
    }

    private static bool IsPoison(Exception failure, NpgsqlConnection connection) =>
        !Outage.Is(failure) && connection.FullState.HasFlag(System.Data.ConnectionState.Open);

    private async Task ApplyInOneTransactionAsync(NpgsqlConnection connection, IReadOnlyList<StoredEvent> batch, CancellationToken stopping)
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
            Volatile.Write(ref _position, position);
            foreach (var (_, reached) in _waiters.Where(waiter => waiter.Position <= position)) reached.TrySetResult();
        }
    }
}
