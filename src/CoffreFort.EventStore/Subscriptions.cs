using System.Diagnostics;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>All subscriptions of this node: runs each wherever its lock is free, wakes them on commits of any node.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class Subscriptions
{
    private readonly Dictionary<string, SubscriptionRunner> _runners;
    private readonly NpgsqlDataSource _database;
    private readonly SubscriptionOptions _options;

    /// <summary>Over one journal.</summary>
    /// <exception cref="ArgumentException">Two subscriptions share a name.</exception>
    public Subscriptions(Journal journal, NpgsqlDataSource database, IEnumerable<ISubscription> subscriptions, SubscriptionOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(journal);
        _database = database;
        _options = options ?? new SubscriptionOptions();
        _runners = subscriptions.ToDictionary(s => s.Name, s => new SubscriptionRunner(journal, database, s, _options));
        journal.Committed += _ => WakeAll();
    }

    /// <summary>How far each has come, as far as this node knows.</summary>
    public IReadOnlyList<SubscriptionStatus> Statuses => [.. _runners.Values.Select(runner => runner.Status)];

    /// <summary>Runs all of them until stopped.</summary>
    public Task RunAsync(CancellationToken stopping) =>
        Task.WhenAll(_runners.Values.Select(runner => runner.RunAsync(stopping)).Append(ListenAsync(stopping)));

    /// <summary>
    /// Waits until a subscription has taken effect up to a position (read your own writes), on whichever node it runs.
    /// </summary>
    /// <returns>False when that did not happen in time.</returns>
    /// <exception cref="KeyNotFoundException">There is no such subscription.</exception>
    public async Task<bool> WaitForAsync(string name, long position, TimeSpan atMost, CancellationToken cancellation = default)
    {
        var runner = _runners[name];
        var here = runner.ReachedAsync(position);
        var watch = Stopwatch.StartNew();
        var pause = TimeSpan.FromMilliseconds(5);
        while (!here.IsCompleted && watch.Elapsed < atMost)
        {
            // When another node runs it, only the cursor in the database tells.
            if (!runner.Status.RunsHere && await CursorAsync(name, cancellation) >= position) return true;
            await Task.WhenAny(here, Task.Delay(pause, cancellation));
            cancellation.ThrowIfCancellationRequested();
            pause = TimeSpan.FromMilliseconds(Math.Min(pause.TotalMilliseconds * 2, 100));
        }

        return here.IsCompleted;
    }

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
                connection.Notification += (_, _) => WakeAll();
                await using (var listen = new NpgsqlCommand("listen coffrefort_journal", connection)) await listen.ExecuteNonQueryAsync(stopping);
                WakeAll();
                while (true) await connection.WaitAsync(stopping);
            }
            catch (OperationCanceledException) when (stopping.IsCancellationRequested)
            {
                return;
            }
            catch (NpgsqlException)
            {
                // Polling carries on meanwhile; listen again when the database is back.
                await Task.Delay(_options.RetryAfter, stopping).ContinueWith(_ => { }, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
            }
        }
    }

    private void WakeAll()
    {
        foreach (var runner in _runners.Values) runner.Wake();
    }
}
