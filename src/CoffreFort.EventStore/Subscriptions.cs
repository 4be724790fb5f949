using System.Diagnostics;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>All subscriptions of this node: runs each wherever its lock is free, wakes them on commits of any node.</summary>
/// <remarks>Safe for concurrent use.</remarks>
public sealed class Subscriptions
{
    private readonly Dictionary<string, ISubscription> _subscriptions;
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
        if (_options.Renew is null) _options = _options with { Renew = (name, how, cancellation) => RebuildAsync(name, how, cancellation) };
        _subscriptions = subscriptions.ToDictionary(s => s.Name);
        var reading = new SharedReading(journal.Registry);
        _runners = _subscriptions.ToDictionary(s => s.Key, s => new SubscriptionRunner(reading, database, s.Value, _options));
    }

    /// <summary>How far each has come, as far as this node knows.</summary>
    public IReadOnlyList<SubscriptionStatus> Statuses => [.. _runners.Values.Select(runner => runner.Status)];

    /// <summary>What operators call this node.</summary>
    public string Node => _options.Node;

    /// <summary>The version that this node has of one.</summary>
    /// <exception cref="KeyNotFoundException">There is no such subscription.</exception>
    public int VersionOf(string name) => _subscriptions[name].Version;

    /// <summary>Those whose tables can be built anew.</summary>
    public IReadOnlyList<string> Rebuildable => [.. _subscriptions.Values.Where(subscription => subscription.Tables.Count > 0).Select(subscription => subscription.Name).Order(StringComparer.Ordinal)];

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

    /// <summary>How each stands over all nodes; those that never ran are not among them.</summary>
    /// <exception cref="JournalUnavailableException">The database can't be asked.</exception>
    public Task<IReadOnlyList<SubscriptionState>> StatesAsync(CancellationToken cancellation = default) =>
        Journal.Guarded(() => SubscriptionStates.ReadAsync(_database, _journal.Options, _subscriptions, cancellation));

    /// <summary>Builds the tables of one anew beside the live ones, which are written and read meanwhile, and puts them in their place in one transaction.</summary>
    /// <remarks>
    /// Stopped at any instant it leaves the old set live, and what was built can be resumed. May run in any process that can reach the database,
    /// also while no node runs the subscription.
    /// </remarks>
    /// <exception cref="KeyNotFoundException">There is no such subscription.</exception>
    /// <exception cref="InvalidOperationException">It has no tables.</exception>
    /// <exception cref="RebuildRunningException">Somebody else rebuilds it.</exception>
    /// <exception cref="PoisonEventException">An event can't be applied: the old set stays.</exception>
    public Task<RebuildResult> RebuildAsync(string name, RebuildOptions? how = null, CancellationToken cancellation = default) =>
        new SubscriptionRebuild(_journal, _database, _subscriptions[name], _options).RunAsync(how ?? new RebuildOptions(), cancellation);

    /// <summary>Wakes a subscription that stands still, on whichever node: it tries its event again at once.</summary>
    public Task RetryAsync(string name, CancellationToken cancellation = default) => Journal.Guarded(async () =>
    {
        await using var command = _database.CreateCommand("select pg_notify('coffrefort_subscriptions', $1)");
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = name });
        return await command.ExecuteNonQueryAsync(cancellation);
    });

    /// <summary>Decides that a subscription passes over the event at which it stands, and no other; rebuilds of the same version pass over it too.</summary>
    /// <param name="name">The subscription.</param>
    /// <param name="position">The event; it must be the one at which the subscription, or the set being built, stands.</param>
    /// <param name="record">Writes the decision down; when it throws, nothing is decided. Until it returns the subscription can't move on.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>False when the subscription doesn't stand at that event: nothing is decided or recorded.</returns>
    public Task<bool> SkipAsync(string name, long position, Func<SubscriptionStop, Task> record, CancellationToken cancellation = default) =>
        Journal.Guarded(() => SubscriptionStates.SkipAsync(_database, name, position, record, cancellation));

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
                connection.Notification += (_, news) => Heed(news);
                await using (var decisions = new NpgsqlCommand("listen coffrefort_subscriptions", connection)) await decisions.ExecuteNonQueryAsync(stopping);
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

    private void Heed(NpgsqlNotificationEventArgs news)
    {
        if (news.Channel == "coffrefort_journal") WakeAll(0);
        else if (_runners.TryGetValue(news.Payload, out var runner)) runner.Retry();
    }

    private void WakeAll(long position)
    {
        foreach (var runner in _runners.Values) runner.Wake();
    }
}
