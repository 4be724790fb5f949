using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// One node's writer. All appends that wait are written by one transaction (group commit); whoever finds the writer idle
/// writes at once, so that a lone append does not pay for a hop. Safe for concurrent use.
/// </summary>
internal sealed class JournalWriter : IAsyncDisposable
{
    // What this many events cost this node in hashes is worth doing while PostgreSQL writes others; fewer wait for the rest of their group.
    private const int ManyEvents = 64;

    // Under the lock the time was just read; however long the way back took, it stays right.
    private static readonly TimeSpan patienceUnderLock = TimeSpan.FromDays(1);

    private readonly AppendQueue _waiting;
    private readonly Pump _pump;
    private readonly NpgsqlDataSource _database;
    private readonly JournalOptions _options;
    private readonly Action<long> _committed;
    private readonly WriterConnection _connection;
    private readonly RememberedHead _remembered;
    private readonly RememberedStates _states;
    private int _disposed;

    public JournalWriter(NpgsqlDataSource database, JournalOptions options, RememberedStates states, Action<long> committed)
    {
        (_database, _options, _states, _committed) = (database, options, states, committed);
        _connection = new WriterConnection(database, options, states.Forget);
        _remembered = new RememberedHead(options);
        _waiting = new AppendQueue(options, ManyEvents);
        _pump = new Pump(() => !_waiting.IsEmpty, ServeAsync);
    }

    public Task<AppendResult> AppendAsync(PendingAppend append)
    {
        try
        {
            _waiting.Enqueue(append);
        }
        catch (JournalUnavailableException refusal)
        {
            return Task.FromException<AppendResult>(refusal);
        }

        _pump.Signal();
        return append.Completion.Task;
    }

    /// <summary>Lets the group that is being written end, refuses all others, and closes the connection.</summary>
    public async ValueTask DisposeAsync()
    {
        foreach (var append in _waiting.Close()) append.Fail(AppendQueue.Closed());
        if (Interlocked.Exchange(ref _disposed, 1) != 0) return;
        while (!_pump.TryHold()) await Task.Delay(1);
        await _connection.DisposeAsync();
    }

    private async Task ServeAsync()
    {
        var group = new PendingGroup([]);
        while (_waiting.MoveTo(group))
        {
            var next = await WriteAndPrepareAsync(group);
            // Those whose appends are done are let go first: what they append next joins the group that is taken then, instead of making a second small one
            // that alternates with it.
            if (next.Appends.Count == 0 && group is { Appends.Count: > 1, EventCount: < ManyEvents }) await Task.Yield();
            group = next;
        }
    }

    /// <summary>Writes a group; if much queues up meanwhile, decides it ahead, so that PostgreSQL need not wait for its hashes.</summary>
    /// <returns>What was decided ahead, to be written next.</returns>
    private async Task<PendingGroup> WriteAndPrepareAsync(PendingGroup group)
    {
        var next = new PendingGroup([]);
        var writing = WriteAsync(group);
        // How it is being written now; should that fail, it is guessed again, and what rests on this guess too.
        var guess = group.Guess;
        for (var before = -1; guess is not null && !writing.IsCompleted && next.Appends.Count > before;)
        {
            before = next.Appends.Count;
            if (await Task.WhenAny(writing, _waiting.ManyAsync()) == writing) break;
            _waiting.MoveTo(next);
            if (before == 0 && next.Appends.Count > 0) next.Guess = RememberedHead.GuessAfter(guess, next.Appends, _options);
            if (next.Guess is null) break;
        }

        await writing;
        return next;
    }

    /// <summary>Completes every append of the group, whatever happens; never throws.</summary>
    private async Task WriteAsync(PendingGroup group)
    {
        var appends = group.Appends;
        try
        {
            if (await TryWriteAsync(group) is { } written) Complete(written);
        }
        catch (Exception failure) when (appends.Count > 1 && !Outage.Is(failure))
        {
            // One append of the group is bad, and nothing was written: halved until it is alone, it fails alone.
            await WriteAsync(new PendingGroup(appends[..(appends.Count / 2)]));
            await WriteAsync(new PendingGroup(appends[(appends.Count / 2)..]));
        }
#pragma warning disable CA1031 // Every caller must learn the outcome, whatever the failure was.
        catch (Exception failure)
        {
            foreach (var append in appends) append.Fail(Outage.Translate(failure, "written"));
        }
#pragma warning restore CA1031
    }

    /// <returns>What was written; null when nothing was left to be.</returns>
    private async Task<AppendGroup?> TryWriteAsync(PendingGroup group)
    {
        using var timeout = new CancellationTokenSource(_options.GroupTimeout);
        for (var retried = false; ; retried = true)
        {
            AppendGroup? decided = null;
            try
            {
                if (await OpenAsync(group, timeout.Token) is null) return null;
                if (await TryGuessedAsync(group, guessed => decided = guessed, timeout.Token)) return decided!;
                // Perhaps another connection than the one of the guess.
                if (await OpenAsync(group, timeout.Token) is not { } connection) return null;
                var locked = await AppendStatements.LockAndDecideAsync(connection, _options, group.Appends, timeout.Token);
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
    /// The connection for a group. What was decided on what this node remembered over an earlier one is refused: behind this one may be a restored database, in
    /// which the same version says something else.
    /// </summary>
    /// <returns>Null when nothing is left to be written.</returns>
    private async Task<NpgsqlConnection?> OpenAsync(PendingGroup group, CancellationToken cancellation)
    {
        var connection = await _connection.OpenAsync(cancellation);
        foreach (var append in group.Remove(append => append.Lineage is { } lineage && lineage != _states.Lineage)) append.Fail(append.Outdated());
        return group.Appends.Count == 0 ? null : connection;
    }

    /// <summary>
    /// Writes the group in one round trip, if the journal stands as this node left it. PostgreSQL verifies that; it writes nothing if
    /// it is not so, or if one of the appends is at fault, and then the group is decided under the lock.
    /// </summary>
    private async Task<bool> TryGuessedAsync(PendingGroup group, Action<AppendGroup> decided, CancellationToken cancellation)
    {
        if (group.Guess is null || !_remembered.StandsBefore(group.Guess)) group.Guess = _remembered.Guess(group.Appends);
        if (group.Guess is not { } guess) return false;
        guess.Group.Seal();
        decided(guess.Group);
        try
        {
            var append = await _connection.AppendAsync(cancellation);
            _remembered.Guessed(guess, await append.ExecuteAsync(guess.Group, RememberedHead.Patience, _options.ClockOffset, cancellation));
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
        await using var locking = new NpgsqlCommand("update coffrefort.journal_head set fence = fence + 1 where only_row", connection, transaction);
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
