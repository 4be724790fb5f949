using System.Diagnostics;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>
/// Builds a subscription's tables anew beside the live ones, and puts them in their place (docs/architecture.md, "Projections"). Writes, reads and the live
/// subscription go on meanwhile. One instance rebuilds once.
/// </summary>
internal sealed class SubscriptionRebuild(Journal journal, NpgsqlDataSource database, ISubscription subscription, SubscriptionOptions options)
{
    private const string CursorSql = """
        insert into coffrefort.mt_event_progression (name, last_seq_id) values ($1, $2)
        on conflict (name) do update set last_seq_id = excluded.last_seq_id, last_updated = clock_timestamp()
        """;

    private const string RowSql = """
        insert into coffrefort.subscriptions (name, version, tables) values ($1, $2, $3)
        on conflict (name) do update set version = excluded.version, tables = excluded.tables,
            stopped_at = null, stopped_type = null, stopped_by = null, stopped_since = null
        """;

    private readonly SubscriptionCursor _live = new(subscription, isNext: false);
    private readonly SubscriptionCursor _next = new(subscription, isNext: true);

    /// <exception cref="RebuildRunningException">Somebody else rebuilds it.</exception>
    /// <exception cref="PoisonEventException">An event can't be applied: the live set stays, and what was built waits for another try.</exception>
    public async Task<RebuildResult> RunAsync(RebuildOptions how, CancellationToken cancellation)
    {
        if (subscription.Tables.Count == 0) throw new InvalidOperationException($"'{subscription.Name}' has no tables that could be rebuilt.");
        var watch = Stopwatch.StartNew();
        await using var connection = await database.OpenConnectionAsync(cancellation);
        if (!await _next.TryLockAsync(connection, cancellation)) throw new RebuildRunningException(subscription.Name);
        try
        {
            if (how.Begun is not null) await how.Begun();
            await _next.EnterAsync(connection, options, cancellation);
            if (!how.Resume || (await _next.ReadAsync(connection, cancellation))?.Version != subscription.Version)
                await _next.CreateAsync(connection, options.Node, cancellation);
            var batches = new SubscriptionBatches(subscription, _next, connection) { Hasty = true };
            var position = await batches.BeginAsync(how.RetrySkipped, cancellation);
            position = await CatchUpAsync(batches, position, how, cancellation);
            await AnalyzeAsync(connection, cancellation);
            for (var tried = 0; ; tried++)
            {
                if (await TrySwapAsync(connection, batches, how, cancellation) is { } reached) return new RebuildResult(reached, batches.Applied, batches.Skipped, watch.Elapsed);
                // A long reader is in the way, or too much was written meanwhile: those who wait behind us go first.
                await Task.Delay(Random.Shared.Next(50, 100 + Math.Min(tried, 20) * 50), cancellation);
                position = await CatchUpAsync(batches, position, how, cancellation);
            }
        }
        finally
        {
            await SubscriptionCursor.UnlockAsync(connection);
        }
    }

    /// <summary>Applies what stands in the journal in big batches, the next one read meanwhile, until what is left fits into the swap.</summary>
    private async Task<long> CatchUpAsync(SubscriptionBatches batches, long position, RebuildOptions how, CancellationToken cancellation)
    {
        var size = options.RebuildBatchSize;
        var ahead = PageAsync(position, bounded: false);
        while (true)
        {
            var page = await ahead;
            if (page.Count == 0) return position;
            ahead = PageAsync(page[^1].Position, bounded: page.Count < size);
            try
            {
                position = await batches.ApplyAsync(page, cancellation);
            }
            catch
            {
                await ahead.ContinueWith(static _ => { }, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
                throw;
            }

            var head = (await journal.HeadAsync(cancellation)).Size;
            how.Progress?.Report((position, head));
            if (head - position < size / 10)
            {
                await ahead;
                return position;
            }
        }

        Task<IReadOnlyList<StoredEvent>> PageAsync(long after, bool bounded) => EventReader.ReadPageAsync(database, journal.Registry, after, checked(after + size), bounded, cancellation);
    }

    /// <summary>The planner should know the new tables before their first reader comes.</summary>
    private async Task AnalyzeAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        foreach (var table in subscription.Tables)
            await SubscriptionCursor.ExecuteAsync(connection, $"analyze {SubscriptionCursor.NextSchema}.{SubscriptionCursor.Quoted(table)}", cancellation);
    }

    /// <summary>
    /// The last events, the tables and the cursor in one transaction. The live cursor's row is locked first, as by every batch: nothing takes effect on the old
    /// set any more, and what the new one has seen covers what the old one had.
    /// </summary>
    /// <returns>The cursor; null when it has to be tried again.</returns>
    private async Task<long?> TrySwapAsync(NpgsqlConnection connection, SubscriptionBatches batches, RebuildOptions how, CancellationToken cancellation)
    {
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        try
        {
            // Shorter than PostgreSQL's deadlock timeout: whoever reads two of the tables never loses against the swap.
            await SubscriptionCursor.ExecuteAsync(connection, "set local lock_timeout = '500ms'", cancellation);
            if (await _live.ReadAsync(connection, cancellation) is not null) await _live.LockRowAsync(connection, cancellation);
            var row = await _next.LockRowAsync(connection, cancellation);
            var head = await journal.HeadAsync(cancellation);
            if (head.Size - row.Position > options.RebuildBatchSize) return null;
            if (await ApplyRestAsync(connection, batches, row.Position, head.Size, cancellation) is not { } applied) return null;
            await SwapAsync(connection, head.Size, how, cancellation);
            await transaction.CommitAsync(cancellation);
            batches.Count(checked((int)(head.Size - row.Position)), applied);
            how.Progress?.Report((head.Size, head.Size));
            return head.Size;
        }
        catch (PostgresException busy) when (busy.SqlState is PostgresErrorCodes.LockNotAvailable or PostgresErrorCodes.DeadlockDetected)
        {
            return null;
        }
    }

    /// <returns>How many were applied. Null when one of them can't be: the next catching up finds out which, and says so.</returns>
    private async Task<int?> ApplyRestAsync(NpgsqlConnection connection, SubscriptionBatches batches, long after, long until, CancellationToken cancellation)
    {
        var applied = 0;
        while (after < until)
        {
            var part = await EventReader.ReadRangeAsync(connection, journal.Registry, after, until, cancellation);
            if (part.Count == 0) break;
            try
            {
                applied += await batches.ApplyWithinAsync(part, cancellation);
            }
            catch (Exception failure) when (!Outage.Is(failure))
            {
                return null;
            }

            after = part[^1].Position;
        }

        return applied;
    }

    private async Task SwapAsync(NpgsqlConnection connection, long position, RebuildOptions how, CancellationToken cancellation)
    {
        await _live.DropTablesAsync(connection, cancellation);
        foreach (var table in subscription.Tables)
        {
            await SubscriptionCursor.ExecuteAsync(connection,
                $"alter table {SubscriptionCursor.NextSchema}.{SubscriptionCursor.Quoted(table)} set schema {SubscriptionCursor.LiveSchema}", cancellation);
        }

        await _next.ForgetAsync(connection, cancellation);
        await using var batch = new NpgsqlBatch(connection);
        Add(CursorSql, subscription.Name, position);
        Add(RowSql, subscription.Name, subscription.Version, subscription.Tables.ToArray());
        Add("delete from coffrefort.subscription_skips where name = $1 and (version < $2 or $3)", subscription.Name, subscription.Version, how.RetrySkipped);
        Add("select pg_notify('coffrefort_subscriptions', $1)", subscription.Name);
        await batch.ExecuteNonQueryAsync(cancellation);

        void Add(string sql, params object[] values)
        {
            var command = new NpgsqlBatchCommand(sql);
            foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
            batch.BatchCommands.Add(command);
        }
    }
}
