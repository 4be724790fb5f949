using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class SubscriptionTests : IAsyncLifetime, IDisposable
{
    private static readonly SubscriptionOptions brisk = new()
    {
        BatchSize = 20, PollEvery = TimeSpan.FromMilliseconds(200), RetryAfter = TimeSpan.FromMilliseconds(100),
    };

    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(10));
        await test.DisposeAsync();
    }

    public void Dispose() => stop.Dispose();

    [Fact]
    [Trait("Requirement", "R-206")]
    public async Task every_event_takes_effect_once_though_the_subscriptions_backends_are_killed()
    {
        var subscriptions = Run(test.Journal, test.Application, [new Ledger("one"), new Ledger("two")]);
        var other = Run(test.AddNode(), test.Source(), [new Ledger("one"), new Ledger("two")]);
        var random = new Random(20270302);
        long kills = 0;
        var events = 0;
        // On a quick machine the events are written before the subscriptions are back from a kill: then more follow, until enough were killed.
        while (events < 300 || (kills <= 5 && events < 3000))
        {
            await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(events++));
            if (events > 300) await UntilAsync(() => subscriptions.Statuses.Concat(other.Statuses).Any(status => status.RunsHere));
            if (events > 300 || random.Next(15) == 0) kills += await KillAsync("one") + await KillAsync("two");
        }

        Assert.True(kills > 5, $"Only {kills} backends were killed.");
        foreach (var (name, node) in new[] { ("one", subscriptions), ("two", other) })
        {
            Assert.True(await node.WaitForAsync(name, events, TimeSpan.FromSeconds(20)), Describe(subscriptions, other));
            Assert.Equal(Enumerable.Range(1, events).Select(i => (long)i), await LedgerAsync(name));
        }
    }

    [Fact]
    [Trait("Requirement", "R-207")]
    public async Task a_poison_event_stops_that_subscription_alone_right_before_it_until_the_cause_is_mended()
    {
        await test.ExecuteAsync("create table if not exists coffrefort_views.poison (position bigint)");
        await test.ExecuteAsync($"grant select on coffrefort_views.poison to {PostgresCluster.ApplicationRole}; insert into coffrefort_views.poison values (37)");
        await test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 60)]);
        var subscriptions = Run(test.Journal, test.Application, [new Ledger("choosy") { Poison = true }, new Ledger("easy")]);

        Assert.True(await subscriptions.WaitForAsync("easy", 60, TimeSpan.FromSeconds(10)));
        await UntilAsync(() => subscriptions.Statuses[0].StoppedBy is not null);
        Assert.Equal(Enumerable.Range(1, 36).Select(i => (long)i), await LedgerAsync("choosy"));
        Assert.Equal(36, subscriptions.Statuses[0].Position);
        Assert.Contains("Event 37 (test_deposited)", subscriptions.Statuses[0].StoppedBy, StringComparison.Ordinal);
        Assert.Contains("division by zero", subscriptions.Statuses[0].StoppedBy, StringComparison.Ordinal);
        Assert.Null(subscriptions.Statuses[1].StoppedBy);

        await test.ExecuteAsync("delete from coffrefort_views.poison");
        Assert.True(await subscriptions.WaitForAsync("choosy", 60, TimeSpan.FromSeconds(10)));
        await UntilAsync(() => subscriptions.Statuses[0].StoppedBy is null);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), await LedgerAsync("choosy"));
    }

    [Fact]
    [Trait("Requirement", "R-206")]
    public async Task another_node_takes_over_when_the_first_is_stopped()
    {
        using var stopFirst = new CancellationTokenSource();
        var firstSubscriptions = new Subscriptions(test.Journal, test.Application, [new Ledger("one")], brisk);
        var first = firstSubscriptions.RunAsync(stopFirst.Token);
        await UntilAsync(() => firstSubscriptions.Statuses[0].RunsHere);
        var second = Run(test.AddNode(), test.Source(), [new Ledger("one")]);
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        Assert.True(await second.WaitForAsync("one", 1, TimeSpan.FromSeconds(10)));
        Assert.False(second.Statuses[0].RunsHere);

        await stopFirst.CancelAsync();
        await first.WaitAsync(TimeSpan.FromSeconds(5));

        await UntilAsync(() => second.Statuses[0].RunsHere);
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(2));
        Assert.True(await second.WaitForAsync("one", 2, TimeSpan.FromSeconds(10)));
        Assert.Equal([1, 2], await LedgerAsync("one"));
    }

    [Fact]
    [Trait("Requirement", "R-266")]
    public async Task a_node_whose_connection_hangs_loses_the_subscription_and_what_it_had_sent_takes_no_effect()
    {
        await using var wire = new FaultyWire(test.ApplicationConnectionString);
        var source = test.Source(wire.ConnectionString);
        var hung = Run(test.AddNode(source), source, [new Ledger("one")]);
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        Assert.True(await hung.WaitForAsync("one", 1, TimeSpan.FromSeconds(30)));
        var other = Run(test.Journal, test.Application, [new Ledger("one")]);

        // The node polls on, and what it asks and would write stays on the wire.
        wire.Freeze();
        for (var i = 2; i <= 20; i++) await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
        Assert.True(await other.WaitForAsync("one", 20, TimeSpan.FromSeconds(60)), Describe(hung, other));
        Assert.True(other.Statuses[0].RunsHere);
        wire.Thaw();

        for (var i = 21; i <= 40; i++) await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
        Assert.True(await other.WaitForAsync("one", 40, TimeSpan.FromSeconds(30)), Describe(hung, other));
        await UntilAsync(() => !hung.Statuses[0].RunsHere);
        Assert.True(await hung.WaitForAsync("one", 40, TimeSpan.FromSeconds(30)), Describe(hung, other));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), await LedgerAsync("one"));
    }

    [Fact]
    public async Task waiting_for_what_does_not_come_ends_in_time_and_leaves_nothing_behind()
    {
        var idle = new Subscriptions(test.Journal, test.Application, [new Ledger("one")], brisk);

        for (var i = 0; i < 3; i++) Assert.False(await idle.WaitForAsync("one", 1, TimeSpan.FromMilliseconds(30)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => idle.WaitForAsync("two", 1, TimeSpan.Zero));
        using var givesUp = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => idle.WaitForAsync("one", 1, TimeSpan.FromSeconds(30), givesUp.Token));
        Assert.True(await idle.WaitForAsync("one", 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task a_commit_here_wakes_the_subscription_at_once_and_one_elsewhere_by_notification()
    {
        var patient = brisk with { PollEvery = TimeSpan.FromMinutes(5) };
        var elsewhere = test.AddNode();
        var subscriptions = new Subscriptions(test.Journal, test.Application, [new Ledger("one")], patient);
        running.Add(subscriptions.RunAsync(stop.Token));
        await UntilAsync(() => subscriptions.Statuses[0].RunsHere);
        const string listening = "select count(*) from pg_stat_activity where datname = current_database() and query = 'listen coffrefort_journal'";
        while (await test.ScalarAsync<long>(listening) == 0) await Task.Yield();

        for (var i = 1; i <= 20; i++)
        {
            await (i % 2 == 0 ? test.Journal : elsewhere).StartAsync(Guid.NewGuid(), new Deposited(i));
            Assert.True(await subscriptions.WaitForAsync("one", i, TimeSpan.FromSeconds(5)), $"Event {i} was slept through.");
        }
    }

    private Subscriptions Run(EventStore.Journal journal, NpgsqlDataSource source, ISubscription[] all)
    {
        var subscriptions = new Subscriptions(journal, source, all, brisk);
        running.Add(subscriptions.RunAsync(stop.Token));
        return subscriptions;
    }

    private async Task<long> KillAsync(string name) => await test.ScalarAsync<long>(
        $"""
        select count(pg_terminate_backend(l.pid)) from pg_locks l where l.locktype = 'advisory' and l.granted
        and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('coffrefort:{name}', 0)
        """);

    private async Task<List<long>> LedgerAsync(string name)
    {
        await using var command = test.Owner.CreateCommand($"select position from coffrefort_views.ledger_{name} order by entry");
        await using var reader = await command.ExecuteReaderAsync();
        var positions = new List<long>();
        while (await reader.ReadAsync()) positions.Add(reader.GetInt64(0));
        return positions;
    }

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(10); !holds(); await Task.Delay(5))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 10 seconds.");
    }

    private static string Describe(params Subscriptions[] nodes) => string.Join("; ", nodes.SelectMany(node => node.Statuses));
}
