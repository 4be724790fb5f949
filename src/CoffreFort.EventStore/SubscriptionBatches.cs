using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Applies batches of events to one set of a subscription's tables, each in one transaction with its cursor. Not safe for concurrent use.</summary>
internal sealed class SubscriptionBatches(ISubscription subscription, SubscriptionCursor cursor, NpgsqlConnection connection)
{
    private HashSet<long> _skips = [];
    private long? _stoppedAt;

    /// <summary>How many events were applied.</summary>
    public long Applied { get; private set; }

    /// <summary>How many were passed over by decision.</summary>
    public long Skipped { get; private set; }

    /// <summary>For sets that nobody reads yet: what a crash takes back is done again.</summary>
    public bool Hasty { get; init; }

    /// <summary>Learns where the set stands and what it passes over; gives the cursor.</summary>
    public async Task<long> BeginAsync(bool retrySkipped, CancellationToken cancellation)
    {
        var row = await cursor.ReadAsync(connection, cancellation) ?? throw new InvalidOperationException($"'{subscription.Name}' has no cursor.");
        _skips = retrySkipped ? [] : await cursor.SkipsAsync(connection, cancellation);
        _stoppedAt = row.StoppedAt;
        return row.Position;
    }

    /// <summary>Applies consecutive events, and gives the cursor after it: another than the last one's position when it was moved meanwhile.</summary>
    /// <exception cref="PoisonEventException">One can't be applied; all before it are, and it is recorded that the set stands there.</exception>
    /// <exception cref="OutdatedSubscriptionException">Another version's tables are live.</exception>
    public async Task<long> ApplyAsync(IReadOnlyList<StoredEvent> batch, CancellationToken cancellation)
    {
        try
        {
            return await ApplyInOneTransactionAsync(batch, cancellation);
        }
        catch (Exception failure) when (batch.Count > 1 && IsPoison(failure))
        {
            // Somewhere in the batch is a poison event: halved until it is alone, the good ones before it take effect.
            var half = batch.Count / 2;
            var reached = await ApplyAsync([.. batch.Take(half)], cancellation);
            return reached == batch[half - 1].Position ? await ApplyAsync([.. batch.Skip(half)], cancellation) : reached;
        }
        catch (Exception failure) when (batch.Count == 1 && IsPoison(failure))
        {
            var poison = new PoisonEventException(batch[0], failure);
            await cursor.StopAsync(connection, poison, cancellation);
            _stoppedAt = poison.Position;
            throw poison;
        }
    }

    /// <summary>The same in a transaction that is open already, without moving the cursor; <see cref="Count"/> when it is committed.</summary>
    public async Task<int> ApplyWithinAsync(IReadOnlyList<StoredEvent> batch, CancellationToken cancellation)
    {
        var wanted = _skips.Count == 0 ? batch : [.. batch.Where(stored => !_skips.Contains(stored.Position))];
        if (wanted.Count > 0) await subscription.ApplyAsync(wanted, connection, cancellation);
        return wanted.Count;
    }

    public void Count(int events, int applied)
    {
        Applied += applied;
        Skipped += events - applied;
    }

    private bool IsPoison(Exception failure) =>
        failure is not (OutdatedSubscriptionException or PoisonEventException) && !Outage.Is(failure) && connection.FullState.HasFlag(System.Data.ConnectionState.Open);

    private async Task<long> ApplyInOneTransactionAsync(IReadOnlyList<StoredEvent> batch, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        if (Hasty) await SubscriptionCursor.ExecuteAsync(connection, "set local synchronous_commit = off", cancellation);
        var row = await cursor.LockRowAsync(connection, cancellation);
        if (row.Version != subscription.Version) throw new OutdatedSubscriptionException(subscription, row.Version);
        if (row.Position != batch[0].Position - 1) return row.Position;
        var applied = await ApplyWithinAsync(batch, cancellation);
        await cursor.MoveAsync(connection, batch[^1].Position, cancellation);
        if (!await PassesStopAsync(batch[^1].Position, cancellation)) return row.Position;
        await transaction.CommitAsync(cancellation);
        Count(batch.Count, applied);
        return batch[^1].Position;
    }

    /// <summary>False when it was just decided to skip the event at which it stood, and it was about to take effect after all.</summary>
    private async Task<bool> PassesStopAsync(long last, CancellationToken cancellation)
    {
        if (_stoppedAt is not { } at || at > last) return true;
        _stoppedAt = null;
        if (await cursor.ClearStopAsync(connection, at, cancellation) || _skips.Contains(at)) return true;
        _skips = await cursor.SkipsAsync(connection, cancellation);
        return !_skips.Contains(at);
    }
}
