using System.Diagnostics;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>All subscriptions of this node: runs each wherever its lock is free, wakes them on commits of any node.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class Subscriptions
{
    private readonly Dictionary<string, SubscriptionRunner> _runners;
    private readonly Journal _journal;
    private readonly NpgsqlDataSource _database;
    private readonly SubscriptionOptions _options;

    /// <summary>Over one journal.</summary>
    /// <exception cref="ArgumentException">Two subscriptions share a name.</exception>
    public Subscriptions(Journal journal, NpgsqlDataSource database, IEnumerable<ISubscription> subscriptions, SubscriptionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        _journal = journal;
        _database = database;
        _options = options ?? new SubscriptionOptions();
        _runners = subscriptions.ToDictionary(s => s.Name, s => new SubscriptionRunner(journal, database, s, _options));
    }

    /// <summary>How far each has come, as far as this node knows.</summary>
    public IReadOnlyList<SubscriptionStatus> Statuses => [.. _runners.Values.Select(runner => runner.Status)];

    /// <summary>Runs all of them; returns once stopped. Nothing that happens to one of them ends it or the others.</summary>
    public async Task RunAsync(CancellationToken stopping)
    {
        _journal.Committed += WakeAll;
        try
        {
            await Task.WhenAll(_runners.Values.Select(runner => runner.RunAsync(stopping)).Append(ListenAsync(stopping)));
        }
        finally
        {
            _journal.Committed -= WakeAll;
        }
    }

    /// <summary>
    /// Waits until a subscription has taken effect up to a position (read your own writes), on whichever node it runs.
    /// </summary>
    /// <returns>False when that did not happen in time.</returns>
    /// <exception cref="KeyNotFoundException">There is no such subscription.</exception>
    /// <exception cref="JournalUnavailableException">It runs on another node, and the database can't be asked how far it is.</exception>
    public async Task<bool> WaitForAsync(string name, long position, TimeSpan atMost, CancellationToken cancellation = default)
    {
        var runner = _runners[name];
        var watch = Stopwatch.StartNew();
        for (var pause = TimeSpan.FromMilliseconds(5); ; pause = Shorter(pause * 2, TimeSpan.FromMilliseconds(100)))
        {
            var left = atMost - watch.Elapsed;
            if (await runner.ReachedAsync(position, left > TimeSpan.Zero ? Shorter(pause, left) : TimeSpan.Zero, cancellation)) return true;
            // When another node runs it, only the cursor in the database tells.
            if (!runner.Status.RunsHere && await Journal.Guarded(() => CursorAsync(name, cancellation)) >= position) return true;
            if (watch.Elapsed >= atMost) return false;
        }
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private async Task<long> CursorAsync(string name, CancellationToken cancellation)
    {
        await using var command = _database.CreateCommand("select last_seq_id from coffrefort.mt_event_progression where name = $1");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteScalarAsync(cancellation) as long? ?? 0;
    }

    private async Task ListenAsync(CancellationToken stopping)
    {
        while (!stopping.IsCancellationRequested)
        {
            try
            {
                await using var connection = await _database.OpenConnectionAsync(stopping);
                connection.Notification += (_, _) => WakeAll(0);
                await using (var listen = new NpgsqlCommand("listen coffrefort_journal", connection)) await listen.ExecuteNonQueryAsync(stopping);
                WakeAll(0);
                while (true) await connection.WaitAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
#pragma warning disable CA1031 // Whatever it was, polling carries on meanwhile; listen again when the database is back.
            catch (Exception)
            {
                await Task.Delay(_options.RetryAfter, stopping).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
#pragma warning restore CA1031
        }
    }

    private void WakeAll(long position)
    {
        foreach (var runner in _runners.Values) runner.Wake();
    }
}
