using System.Collections.Concurrent;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// One node's writer. All appends that wait are written by one transaction (group commit); whoever finds the writer idle
/// writes at once, so that a lone append does not pay for a hop. Safe for concurrent use.
/// </summary>
internal sealed class JournalWriter(NpgsqlDataSource database, JournalOptions options, Action<long> committed)
{
    private readonly ConcurrentQueue<PendingAppend> _waiting = new();
    private readonly AppendStatements _statements = new(options);
    private int _waitingCount;
    private int _pumping;

    public Task<AppendResult> AppendAsync(PendingAppend append)
    {
        if (Interlocked.Increment(ref _waitingCount) > options.WaitingLimit)
        {
            Interlocked.Decrement(ref _waitingCount);
            throw new JournalUnavailableException($"More than {options.WaitingLimit} appends wait already; try again later.");
        }

        _waiting.Enqueue(append);
        if (Interlocked.CompareExchange(ref _pumping, 1, 0) == 0) _ = PumpAsync();
        return append.Completion.Task;
    }

    private async Task PumpAsync()
    {
        do
        {
            while (NextGroup() is { Count: > 0 } group) await WriteAsync(group);
            Volatile.Write(ref _pumping, 0);
        }
        while (!_waiting.IsEmpty && Interlocked.CompareExchange(ref _pumping, 1, 0) == 0);
    }

    private List<PendingAppend> NextGroup()
    {
        var group = new List<PendingAppend>();
        while (group.Count < options.GroupLimit && _waiting.TryDequeue(out var append)) group.Add(append);
        Interlocked.Add(ref _waitingCount, -group.Count);
        return group;
    }

    /// <summary>Completes every append of the group, whatever happens; never throws.</summary>
    private async Task WriteAsync(List<PendingAppend> group)
    {
        try
        {
            Complete(await TryWriteAsync(group));
        }
        catch (Exception failure) when (group.Count > 1 && failure is PostgresException { IsTransient: false })
        {
            // One append of the group is bad: alone, each succeeds or fails for itself.
            foreach (var append in group) await WriteAsync([append]);
        }
#pragma warning disable CA1031 // Every caller must learn the outcome, whatever the failure was.
        catch (Exception failure)
        {
            foreach (var append in group) append.Completion.TrySetException(Translate(failure));
        }
#pragma warning restore CA1031
    }

    private async Task<AppendGroup> TryWriteAsync(List<PendingAppend> group)
    {
        using var timeout = new CancellationTokenSource(options.GroupTimeout);
        AppendGroup? written = null;
        try
        {
            await using var connection = await database.OpenConnectionAsync(timeout.Token);
            written = await _statements.LockAndDecideAsync(connection, group, timeout.Token);
            if (written.Events.Count == 0) await AppendStatements.RollbackAsync(connection, timeout.Token);
            else await AppendStatements.WriteAndCommitAsync(connection, written, timeout.Token);
            return written;
        }
        catch (Exception failure) when (written is { Events.Count: > 0 } && !WasRolledBack(failure))
        {
            // The connection broke between our COMMIT and its answer. The journal itself tells what became of it: positions are
            // given out under the head's lock, so our first position holds our first event, or the group was not written.
            if (await WasCommittedAsync(written.Events[0])) return written;
            throw;
        }
    }

    /// <summary>An error that the server itself reported ended the transaction, unless it was reported while the server went down.</summary>
    private static bool WasRolledBack(Exception failure) =>
        failure is PostgresException { SqlState: not ['5', '7', 'P', ..] };

    private async Task<bool> WasCommittedAsync(EventRow first)
    {
        using var timeout = new CancellationTokenSource(options.GroupTimeout);
        await using var connection = await database.OpenConnectionAsync(timeout.Token);
        await using var transaction = await connection.BeginTransactionAsync(timeout.Token);
        // Taking the lock waits for the broken transaction's end, should the server still be working on it.
        await using var locking = new NpgsqlCommand("select size from coffrefort.journal_head for update", connection, transaction);
        await locking.ExecuteNonQueryAsync(timeout.Token);
        await using var looking = new NpgsqlCommand("select id from coffrefort.mt_events where seq_id = $1", connection, transaction);
        looking.Parameters.Add(new NpgsqlParameter<long> { TypedValue = first.Position });
        return await looking.ExecuteScalarAsync(timeout.Token) is Guid id && id == first.At.EventId;
    }

    private void Complete(AppendGroup group)
    {
        if (group.Events.Count > 0) committed(group.Frontier.Size);
        foreach (var (append, result) in group.Accepted) append.Completion.TrySetResult(result);
        foreach (var (append, reason) in group.Refused) append.Completion.TrySetException(reason);
    }

    private static Exception Translate(Exception failure) => failure switch
    {
        JournalUnavailableException => failure,
        PostgresException { SqlState: "53100" } => new JournalUnavailableException("The journal's disk is full; nothing was written.", failure),
        PostgresException { IsTransient: false, SqlState: not ['5', '7', 'P', ..] } => failure,
        _ => new JournalUnavailableException("The journal can't be written now.", failure),
    };
}
