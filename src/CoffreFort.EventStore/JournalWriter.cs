using System.Collections.Concurrent;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// One node's writer. All appends that wait are written by one transaction (group commit); whoever finds the writer idle
/// writes at once, so that a lone append does not pay for a hop. Safe for concurrent use.
/// </summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    // Under the lock the time was just read; however long the way back took, it stays right.
    private static readonly TimeSpan patienceUnderLock = TimeSpan.FromDays(1);

    private readonly ConcurrentQueue<PendingAppend> _waiting = new();
    private readonly Pump _pump;
    private readonly NpgsqlDataSource _database;
    private readonly JournalOptions _options;
    private readonly Action<long> _committed;
    private readonly WriterConnection _connection;
    private readonly RememberedHead _remembered;
    private int _waitingCount;
    private int _disposed;
    private volatile bool _closed;

    public JournalWriter(NpgsqlDataSource database, JournalOptions options, Action<long> committed)
    {
        (_database, _options, _committed) = (database, options, committed);
        _connection = new WriterConnection(database, options);
        _remembered = new RememberedHead(options);
        _pump = new Pump(() => !_closed && !_waiting.IsEmpty, ServeAsync);
    }

    public Task<AppendResult> AppendAsync(PendingAppend append)
    {
        if (Interlocked.Increment(ref _waitingCount) > _options.WaitingLimit)
        {
            Interlocked.Decrement(ref _waitingCount);
            return Task.FromException<AppendResult>(
                new JournalUnavailableException($"More than {_options.WaitingLimit} appends wait already; try again later."));
        }

        _waiting.Enqueue(append);
        // Queued before the look at whether the writer is closed: its end fails all that it sees, or is seen here.
        Interlocked.MemoryBarrier();
        if (_closed) FailWaiting();
        else _pump.Signal();
        return append.Completion.Task;
    }

    /// <summary>Lets the group that is being written end, refuses all others, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        _closed = true;
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        while (!_pump.TryHold()) await Task.Delay(1);
        FailWaiting();
        await _connection.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        while (!_closed && NextGroup() is { Count: > 0 } group) await WriteAsync(group);
    }

    private List<PendingAppend> NextGroup()
    {
        var group = new List<PendingAppend>();
        for (var events = 0; group.Count < _options.GroupLimit && events < _options.GroupEventLimit && _waiting.TryDequeue(out var append);)
        {
            Interlocked.Decrement(ref _waitingCount);
            if (append.Waited > _options.GroupTimeout)
            {
                append.Fail(new JournalUnavailableException("The journal did not get round to the append in time; nothing was written."));
                continue;
            }

            group.Add(append);
            events += append.EventCount;
        }

        return group;
    }

    private void FailWaiting()
    {
        while (_waiting.TryDequeue(out var append))
        {
            Interlocked.Decrement(ref _waitingCount);
            append.Fail(new JournalUnavailableException("This node is stopping; nothing was written."));
        }
    }

    /// <summary>Completes every append of the group, whatever happens; never throws.</summary>
    private async Task WriteAsync(List<PendingAppend> group)
    {
        try
        {
            Complete(await TryWriteAsync(group));
        }
        catch (Exception failure) when (group.Count > 1 && !Outage.Is(failure))
        {
            // One append of the group is bad, and nothing was written: halved until it is alone, it fails alone.
            await WriteAsync(group[..(group.Count / 2)]);
            await WriteAsync(group[(group.Count / 2)..]);
        }
#pragma warning disable CA1031 // Every caller must learn the outcome, whatever the failure was.
        catch (Exception failure)
        {
            foreach (var append in group) append.Fail(Outage.Translate(failure, "written"));
        }
#pragma warning restore CA1031
    }

    private async Task<AppendGroup> TryWriteAsync(List<PendingAppend> group)
    {
        using var timeout = new CancellationTokenSource(_options.GroupTimeout);
        for (var retried = false; ; retried = true)
        {
            AppendGroup? decided = null;
            try
            {
                if (await TryGuessedAsync(group, guessed => decided = guessed, timeout.Token)) return decided!;
                var locked = await AppendStatements.LockAndDecideAsync(await _connection.OpenAsync(timeout.Token), _options, group, timeout.Token);
                decided = locked.Group;
                if (decided.Events.Count == 0)
                {
                    await _connection.AbandonAsync(timeout.Token);
                    return decided;
                }

                var append = await _connection.AppendAndCommitAsync(timeout.Token);
                await append.ExecuteAsync(decided, patienceUnderLock, _options.ClockOffset, timeout.Token);
                _remembered.Locked(locked);
                return decided;
            }
            catch (Exception failure)
            {
                _remembered.Forget();
                await _connection.AbandonAsync(timeout.Token);
                if (decided is { Events.Count: > 0 } && !Outage.WasRolledBack(failure) && await WasCommittedAsync(decided)) return decided;
                // A connection that the server had closed while nobody looked (it was restarted) is no reason to refuse anybody.
                if (retried || !Outage.LostConnection(failure) || timeout.IsCancellationRequested) throw;
                _database.Clear();
            }
        }
    }

    /// <summary>
    /// Writes the group in one round trip, if the journal stands as this node left it. PostgreSQL verifies that; it writes nothing if
    /// it is not so, or if one of the appends is at fault, and then the group is decided under the lock.
    /// </summary>
    private async Task<bool> TryGuessedAsync(List<PendingAppend> group, Action<AppendGroup> decided, CancellationToken cancellation)
    {
        if (!_connection.IsOpen || _remembered.Decide(group) is not { } guess) return false;
        decided(guess);
        try
        {
            var append = await _connection.AppendAsync(cancellation);
            _remembered.Guessed(guess, await append.ExecuteAsync(guess, RememberedHead.Patience, _options.ClockOffset, cancellation));
            return true;
        }
        catch (PostgresException failure) when (Outage.WasRolledBack(failure))
        {
            _remembered.Forget();
            return false;
        }
    }

    /// <summary>
    /// The connection broke between our COMMIT and its answer. The journal itself tells what became of it: positions are given
    /// out under the head's lock, so our first position holds our first event, or the group was not written and never will be.
    /// </summary>
    /// <exception cref="JournalUnavailableException">It can't be found out now. The group must not be tried again.</exception>
    private async Task<bool> WasCommittedAsync(AppendGroup group)
    {
        using var timeout = new CancellationTokenSource(_options.GroupTimeout);
        while (true)
        {
            try
            {
                return await HoldsAsync(await _connection.OpenAsync(timeout.Token), group, timeout.Token);
            }
#pragma warning disable CA1031 // Whatever it was, the question stays open until it is answered or the time is up.
            catch (Exception failure)
            {
                await _connection.DisposeAsync();
                if (timeout.IsCancellationRequested)
                    throw new JournalUnavailableException("The connection to the journal broke at the commit; whether the append was written is not known yet.", failure);
            }
#pragma warning restore CA1031
            await Task.Delay(50);
        }
    }

    private static async Task<bool> HoldsAsync(NpgsqlConnection connection, AppendGroup group, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        // Taking the lock waits for the broken transaction's end, should the server still be working on it; the fence keeps out what is still on its way.
        await using var locking = new NpgsqlCommand("update coffrefort.journal_head set fence = fence + 1", connection, transaction);
        await locking.ExecuteNonQueryAsync(cancellation);
        await using var looking = new NpgsqlCommand("select id from coffrefort.mt_events where seq_id = $1", connection, transaction);
        looking.Parameters.Add(new NpgsqlParameter<long> { TypedValue = group.SizeBefore + 1 });
        var holds = await looking.ExecuteScalarAsync(cancellation) is Guid id && id == group.Events[0].At.EventId;
        await transaction.CommitAsync(cancellation);
        return holds;
    }

    private void Complete(AppendGroup group)
    {
        JournalMetrics.Record(group);
        foreach (var (append, result) in group.Accepted) append.Completion.TrySetResult(result);
        foreach (var (append, reason) in group.Refused) append.Fail(reason);
        if (group.Events.Count == 0) return;
        try
        {
            _committed(group.Frontier.Size);
        }
#pragma warning disable CA1031 // The group is durable; what a listener makes of the news can't change that.
        catch (Exception)
        {
        }
#pragma warning restore CA1031
    }
}
