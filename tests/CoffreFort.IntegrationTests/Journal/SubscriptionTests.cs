using CoffreFort.EventStore;
using static CoffreFort.IntegrationTests.Journal.RunningSubscriptions;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class SubscriptionTests : IAsyncLifetime
{
    private RunningSubscriptions nodes = null!;

    private TestJournal Test => nodes.Test;

    public async Task InitializeAsync() => nodes = await RunningSubscriptions.CreateAsync();

    public async Task DisposeAsync() => await nodes.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-206")]
    public async Task every_event_takes_effect_once_though_the_subscriptions_backends_are_killed()
    {
        var subscriptions = nodes.Run(new Ledger("one"), new Ledger("two"));
        var other = nodes.Run(Test.AddNode(), Test.Source(), new Ledger("one"), new Ledger("two"));
        var random = new Random(20270302);
        long kills = 0;
        var events = 0;
        // On a quick machine the events are written before the subscriptions are back from a kill: then more follow, until enough were killed.
        while (events < 300 || (kills <= 5 && events < 3000))
        {
            await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(events++));
            if (events > 300) await UntilAsync(() => subscriptions.Statuses.Concat(other.Statuses).Any(status => status.RunsHere));
            if (events > 300 || random.Next(15) == 0) kills += await KillAsync("one") + await KillAsync("two");
        }

        Assert.True(kills > 5, $"Only {kills} backends were killed.");
        foreach (var (name, node) in new[] { ("one", subscriptions), ("two", other) })
        {
            Assert.True(await node.WaitForAsync(name, events, TimeSpan.FromSeconds(20)), Describe(subscriptions, other));
            Assert.Equal(Enumerable.Range(1, events).Select(i => (long)i), await nodes.LedgerAsync(name));
        }
    }

    [Fact]
    [Trait("Requirement", "R-207")]
    public async Task a_poison_event_stops_that_subscription_alone_right_before_it_until_the_cause_is_mended()
    {
        await nodes.PoisonAsync(37);
        await Test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 60)]);
        var subscriptions = nodes.Run(new Ledger("choosy") { Poison = true }, new Ledger("easy"));

        Assert.True(await subscriptions.WaitForAsync("easy", 60, TimeSpan.FromSeconds(60)));
        await UntilAsync(() => subscriptions.Statuses[0].StoppedBy is not null);
        Assert.Equal(Enumerable.Range(1, 36).Select(i => (long)i), await nodes.LedgerAsync("choosy"));
        Assert.Equal(36, subscriptions.Statuses[0].Position);
        Assert.Contains("Event 37 (test_deposited)", subscriptions.Statuses[0].StoppedBy, StringComparison.Ordinal);
        Assert.Contains("division by zero", subscriptions.Statuses[0].StoppedBy, StringComparison.Ordinal);
        Assert.Null(subscriptions.Statuses[1].StoppedBy);

        await Test.ExecuteAsync("delete from coffrefort_views.poison");
        Assert.True(await subscriptions.WaitForAsync("choosy", 60, TimeSpan.FromSeconds(60)));
        await UntilAsync(() => subscriptions.Statuses[0].StoppedBy is null);
        Assert.Equal(Enumerable.Range(1, 60).Select(i => (long)i), await nodes.LedgerAsync("choosy"));
    }

    [Fact]
    [Trait("Requirement", "R-206")]
    public async Task another_node_takes_over_when_the_first_is_stopped()
    {
        using var stopFirst = new CancellationTokenSource();
        var firstSubscriptions = new Subscriptions(Test.Journal, Test.Application, [new Ledger("one")], Brisk);
        var first = firstSubscriptions.RunAsync(stopFirst.Token);
        await UntilAsync(() => firstSubscriptions.Statuses[0].RunsHere);
        var second = nodes.Run(Test.AddNode(), Test.Source(), new Ledger("one"));
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        Assert.True(await second.WaitForAsync("one", 1, TimeSpan.FromSeconds(60)));
        Assert.False(second.Statuses[0].RunsHere);

        await stopFirst.CancelAsync();
        await first.WaitAsync(TimeSpan.FromSeconds(30));

        await UntilAsync(() => second.Statuses[0].RunsHere);
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(2));
        Assert.True(await second.WaitForAsync("one", 2, TimeSpan.FromSeconds(60)));
        Assert.Equal([1, 2], await nodes.LedgerAsync("one"));
    }

    [Fact]
    [Trait("Requirement", "R-266")]
    public async Task a_node_whose_connection_hangs_loses_the_subscription_and_what_it_had_sent_takes_no_effect()
    {
        await using var wire = new FaultyWire(Test.ApplicationConnectionString);
        var source = Test.Source(wire.ConnectionString);
        var hung = nodes.Run(Test.AddNode(source), source, new Ledger("one"));
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        Assert.True(await hung.WaitForAsync("one", 1, TimeSpan.FromSeconds(30)));
        var other = nodes.Run(new Ledger("one"));

        // The node polls on, and what it asks and would write stays on the wire.
        wire.Freeze();
        for (var i = 2; i <= 20; i++) await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
        Assert.True(await other.WaitForAsync("one", 20, TimeSpan.FromSeconds(60)), Describe(hung, other));
        Assert.True(other.Statuses[0].RunsHere);
        wire.Thaw();

        for (var i = 21; i <= 40; i++) await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
        Assert.True(await other.WaitForAsync("one", 40, TimeSpan.FromSeconds(30)), Describe(hung, other));
        await UntilAsync(() => !hung.Statuses[0].RunsHere);
        Assert.True(await hung.WaitForAsync("one", 40, TimeSpan.FromSeconds(30)), Describe(hung, other));
        Assert.Equal(Enumerable.Range(1, 40).Select(i => (long)i), await nodes.LedgerAsync("one"));
    }

    [Fact]
    public async Task waiting_for_what_does_not_come_ends_in_time_and_leaves_nothing_behind()
    {
        var idle = new Subscriptions(Test.Journal, Test.Application, [new Ledger("one")], Brisk);

        for (var i = 0; i < 3; i++) Assert.False(await idle.WaitForAsync("one", 1, TimeSpan.FromMilliseconds(30)));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => idle.WaitForAsync("two", 1, TimeSpan.Zero));
        using var givesUp = new CancellationTokenSource(20);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => idle.WaitForAsync("one", 1, TimeSpan.FromSeconds(30), givesUp.Token));
        Assert.True(await idle.WaitForAsync("one", 0, TimeSpan.Zero));
    }

    [Fact]
    public async Task a_commit_here_wakes_the_subscription_at_once_and_one_elsewhere_by_notification()
    {
        var patient = Brisk with { PollEvery = TimeSpan.FromMinutes(5) };
        var elsewhere = Test.AddNode();
        var subscriptions = nodes.Run(new Subscriptions(Test.Journal, Test.Application, [new Ledger("one")], patient));
        await UntilAsync(() => subscriptions.Statuses[0].RunsHere);
        const string listening = "select count(*) from pg_stat_activity where datname = current_database() and query = 'listen coffrefort_journal'";
        while (await Test.ScalarAsync<long>(listening) == 0) await Task.Yield();

        for (var i = 1; i <= 20; i++)
        {
            await (i % 2 == 0 ? Test.Journal : elsewhere).StartAsync(Guid.NewGuid(), new Deposited(i));
            Assert.True(await subscriptions.WaitForAsync("one", i, TimeSpan.FromSeconds(60)), $"Event {i} was slept through.");
        }
    }

    private async Task<long> KillAsync(string name) => await Test.ScalarAsync<long>(
        $"""
        select count(pg_terminate_backend(l.pid)) from pg_locks l where l.locktype = 'advisory' and l.granted
        and l.database = (select oid from pg_database where datname = current_database())
        and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('coffrefort:{name}', 0)
        """);

    private static string Describe(params Subscriptions[] nodes) => string.Join("; ", nodes.SelectMany(node => node.Statuses));
}
