using System.Collections.Concurrent;
using System.Diagnostics;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A subscription that stands at a poison event: how often it tries again, and what a decision that falls into a try does.</summary>
public sealed class StoppedSubscriptionTests : IAsyncLifetime, IDisposable
{
    private static readonly SubscriptionOptions brisk = new()
    {
        BatchSize = 20, PollEvery = TimeSpan.FromMilliseconds(200), RetryAfter = TimeSpan.FromMilliseconds(100),
    };

    private const string WaitingSql = """
        select count(*) from pg_locks join pg_stat_activity using (pid) where not granted and relation = 'coffrefort.mt_events'::regclass
        and datname = current_database() and application_name like 'coffrefort one %'
        """;

    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(20));
        await test.DisposeAsync();
    }

    public void Dispose() => stop.Dispose();

    [Fact]
    [Trait("Requirement", "R-207")]
    public async Task the_pauses_between_tries_at_a_poison_event_grow()
    {
        await PoisonAsync(1);
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var tries = new ConcurrentQueue<long>();
        Run(new Ledger("one") { Poison = true, Before = () => { tries.Enqueue(Stopwatch.GetTimestamp()); return Task.CompletedTask; } });
        await UntilAsync(() => Task.FromResult(tries.Count >= 4));

        var began = tries.ToArray();
        // A machine that is busy makes a pause longer, never shorter; what is taken off is the timer's grain.
        for (var i = 0; i < 3; i++)
        {
            var pause = Stopwatch.GetElapsedTime(began[i], began[i + 1]);
            Assert.True(pause >= (brisk.RetryAfter * (1 << i)) - TimeSpan.FromMilliseconds(20), $"Try {i + 2} came {pause.TotalMilliseconds} ms after the one before.");
        }
    }

    [Fact]
    [Trait("Requirement", "R-254")]
    public async Task an_event_that_is_skipped_while_a_try_at_it_has_begun_takes_no_effect_though_it_could_be_applied_now()
    {
        await PoisonAsync(3);
        await test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 5)]);
        var batches = 0;
        var subscriptions = Run(new Ledger("one") { Poison = true, Before = () => { Interlocked.Increment(ref batches); return Task.CompletedTask; } });
        await UntilAsync(async () => (await subscriptions.StatesAsync()).SingleOrDefault()?.Stop?.Position == 3);

        // A try reads what is skipped, then the events: it is held there, and the decision comes in between.
        await using (var holder = await test.Owner.OpenConnectionAsync())
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await using (var hold = new NpgsqlCommand("lock table coffrefort.mt_events in access exclusive mode", holder, transaction)) await hold.ExecuteNonQueryAsync();
            await UntilAsync(async () => await test.ScalarAsync<long>(WaitingSql) > 0);
            await test.ExecuteAsync("delete from coffrefort_views.poison");
            batches = 0;
            Assert.True(await subscriptions.SkipAsync("one", 3, _ => Task.CompletedTask));
            await transaction.RollbackAsync();
        }

        Assert.True(await subscriptions.WaitForAsync("one", 5, TimeSpan.FromSeconds(30)));
        Assert.Equal([1, 2, 4, 5], await LedgerAsync());
        Assert.Null((await subscriptions.StatesAsync()).Single().Stop);
        // The first batch still had the event in it, and was taken back.
        Assert.Equal(2, batches);
    }

    private Subscriptions Run(ISubscription subscription)
    {
        var subscriptions = new Subscriptions(test.Journal, test.Application, [subscription], brisk);
        running.Add(subscriptions.RunAsync(stop.Token));
        return subscriptions;
    }

    private Task PoisonAsync(long position) => test.ExecuteAsync(
        $"""
        create table coffrefort_views.poison (position bigint);
        grant select on coffrefort_views.poison to {PostgresCluster.ApplicationRole};
        insert into coffrefort_views.poison values ({position})
        """);

    private async Task<List<long>> LedgerAsync()
    {
        await using var command = test.Owner.CreateCommand("select position from coffrefort_views.ledger_one order by entry");
        await using var reader = await command.ExecuteReaderAsync();
        var positions = new List<long>();
        while (await reader.ReadAsync()) positions.Add(reader.GetInt64(0));
        return positions;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await holds(); await Task.Delay(5))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 30 seconds.");
    }
}
