using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Runs one subscription on this node whenever no other node does.</summary>
/// <remarks>A session advisory lock keeps it to one node; the lock goes with the connection, so another node takes over when this one dies.</remarks>
#pragma warning disable CA1001 // A SemaphoreSlim whose wait handle nobody asks for holds nothing to dispose of.
internal sealed class SubscriptionRunner(SharedReading reading, NpgsqlDataSource database, ISubscription subscription, SubscriptionOptions options)
#pragma warning restore CA1001
{
    private readonly SubscriptionCursor _cursor = new(subscription, isNext: false);
    private readonly SemaphoreSlim _retry = new(0, 1);
    private readonly SemaphoreSlim _wake = new(0, 1);
    private readonly SemaphoreSlim _hurry = new(0, 1);
    private readonly Lock _gate = new();
    private readonly List<(long Position, TaskCompletionSource Reached)> _waiters = [];
    private long _position;
    private volatile bool _runsHere;
    private volatile string? _stoppedBy;
    private SubscriptionStoppage? _told;
    private long? _stoppedAt;
    private int _stops;

    public SubscriptionStatus Status => new(subscription.Name, Volatile.Read(ref _position), _runsHere, _stoppedBy);

    public void Wake() => Release(_wake);

    /// <summary>Tries again at once, should it stand still.</summary>
    public void Retry() => Release(_retry);

    /// <summary>Waits until this node's run has passed <paramref name="position"/>; in vain, if another node runs it.</summary>
    public async Task<bool> ReachedAsync(long position, TimeSpan atMost, CancellationToken cancellation)
    {
        var waiter = (position, new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
        lock (_gate)
        {
            if (_position >= position) return true;
            _waiters.Add(waiter);
        }

        Release(_hurry);

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
            var pause = options.RetryAfter;
            try
            {
                await RunOnceAsync(stopping);
                // Another node runs it: what stopped it here is no longer what is the matter. Whether it moves, that node says.
                _stoppedBy = null;
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (PoisonEventException poison)
            {
                Moved(poison.Position - 1);
                pause = Stop(new SubscriptionStoppage(poison.Message, poison.Position, poison.EventType));
            }
#pragma warning disable CA1031 // A subscription that stops must say why and try again; it never takes the node down.
            catch (Exception failure)
            {
                if (Outage.Is(failure) || failure is RebuildRunningException) _stoppedBy = failure.Message;
                else pause = Stop(new SubscriptionStoppage(failure is PostgresException ? PoisonEventException.Describe(failure) : failure.Message));
            }
#pragma warning restore CA1031

            // Not cut short by new events: they are no reason to hope, and would make what can't succeed a busy loop.
            if (await PauseAsync(pause, stopping)) _stoppedAt = null;
        }
    }

    /// <summary>How long until the next try at what has failed again: each pause is twice the one before, up to 32 times the first.</summary>
    internal static TimeSpan PauseAfter(TimeSpan retryAfter, int stopsBefore) => retryAfter * (1 << Math.Min(stopsBefore, 5));

    private async Task<bool> PauseAsync(TimeSpan pause, CancellationToken stopping)
    {
        try
        {
            return await _retry.WaitAsync(pause, stopping);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private async Task RunOnceAsync(CancellationToken stopping)
    {
        await using var connection = await database.OpenConnectionAsync(stopping);
        var live = (await _cursor.ReadAsync(connection, stopping))?.Version ?? subscription.Version;
        if (live > subscription.Version) throw new OutdatedSubscriptionException(subscription, live);
        if (live < subscription.Version) await RenewAsync(live, stopping);
        if (!await _cursor.TryLockAsync(connection, stopping)) return;
        try
        {
            await FollowAsync(connection, stopping);
        }
        finally
        {
            _runsHere = false;
            await SubscriptionCursor.UnlockAsync(connection);
        }
    }

    /// <summary>The tables are an older version's: an older node may go on with them until the new ones have taken their place.</summary>
    private async Task RenewAsync(int live, CancellationToken stopping)
    {
        _stoppedBy = $"Version {subscription.Version} of it is being built beside version {live}.";
        await options.Renew!(subscription.Name, new RebuildOptions { Resume = true }, stopping);
        GoesOn();
    }

    private async Task FollowAsync(NpgsqlConnection connection, CancellationToken stopping)
    {
        await _cursor.EnterAsync(connection, options, stopping);
        // Also when the set is there already: a table that somebody dropped is made again.
        await _cursor.CreateAsync(connection, options.Node, stopping);
        var batches = new SubscriptionBatches(subscription, _cursor, connection);
        Moved(await batches.BeginAsync(retrySkipped: false, stopping));
        _runsHere = true;
        for (var first = true; ; first = false)
        {
            // What made it begin again may lie in what the others have read.
            var batch = await reading.ReadAsync(connection, Volatile.Read(ref _position), options.BatchSize, anew: first, stopping);
            if (batch.Count > 0) Moved(await batches.ApplyAsync(batch, stopping));
            GoesOn();
            if (batch.Count == 0) await _wake.WaitAsync(options.PollEvery, stopping);
            else if (batch.Count < options.BatchSize) await GatherAsync(stopping);
        }
    }

    /// <summary>A transaction for each event that comes in would cost more than the event did: some are let gather, unless somebody waits for them.</summary>
    private async Task GatherAsync(CancellationToken stopping)
    {
        lock (_gate)
        {
            if (_waiters.Count > 0) return;
        }

        await _hurry.WaitAsync(options.GatherFor, stopping);
    }

    /// <returns>How long until the next try.</returns>
    private TimeSpan Stop(SubscriptionStoppage stoppage)
    {
        _stoppedBy = stoppage.Reason;
        if (_told != stoppage) options.Stopped?.Invoke(subscription.Name, _told = stoppage);
        // What is not about one event counts as one thing that stops it.
        var at = stoppage.Position ?? 0;
        (_stops, _stoppedAt) = (at == _stoppedAt ? _stops + 1 : 0, at);
        return PauseAfter(options.RetryAfter, _stops);
    }

    private void GoesOn()
    {
        (_stoppedBy, _stoppedAt) = (null, null);
        if (_told is null) return;
        _told = null;
        options.Stopped?.Invoke(subscription.Name, null);
    }

    private void Release(SemaphoreSlim waiting)
    {
        lock (_gate)
        {
            if (waiting.CurrentCount == 0) waiting.Release();
        }
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
