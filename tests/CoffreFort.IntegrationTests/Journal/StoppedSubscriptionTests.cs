using System.Collections.Concurrent;
using System.Diagnostics;
using CoffreFort.EventStore;
using Npgsql;
using static CoffreFort.IntegrationTests.Journal.RunningSubscriptions;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A subscription that stands at a poison event: how often it tries again, and what a decision that falls into a try does.</summary>
public sealed class StoppedSubscriptionTests : IAsyncLifetime
{
    private const string WaitingSql = """
        select count(*) from pg_locks join pg_stat_activity using (pid) where not granted and relation = 'coffrefort.mt_events'::regclass
        and datname = current_database() and application_name like 'coffrefort one %'
        """;

    private RunningSubscriptions nodes = null!;

    private TestJournal Test => nodes.Test;

    public async Task InitializeAsync() => nodes = await RunningSubscriptions.CreateAsync();

    public async Task DisposeAsync() => await nodes.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-207")]
    public async Task the_pauses_between_tries_at_a_poison_event_grow()
    {
        await nodes.PoisonAsync(1);
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var tries = new ConcurrentQueue<long>();
        nodes.Run(new Ledger("one") { Poison = true, Before = WriteDown(tries) });
        await UntilAsync(() => tries.Count >= 4);

        AssertPausesGrow(tries);
    }

    [Fact]
    [Trait("Requirement", "R-253")]
    public async Task the_pauses_between_tries_at_a_new_version_that_cannot_take_its_place_grow_too()
    {
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var old = nodes.Run(new Ledger("one"));
        Assert.True(await old.WaitForAsync("one", 1, TimeSpan.FromSeconds(30)));
        var tries = new ConcurrentQueue<long>();
        var renewed = nodes.Run(new Subscriptions(Test.Journal, Test.Application, [new Ledger("one") { Version = 2 }], Brisk with
        {
            Renew = (_, _, _) => { tries.Enqueue(Stopwatch.GetTimestamp()); throw new InvalidOperationException("Something depends on it."); },
        }));
        await UntilAsync(() => tries.Count >= 4);

        AssertPausesGrow(tries);
        await UntilAsync(() => renewed.Statuses[0].StoppedBy == "Something depends on it.");
    }

    /// <summary>A machine that is busy makes a pause longer, never shorter; what is taken off is the timer's grain.</summary>
    private static void AssertPausesGrow(ConcurrentQueue<long> tries)
    {
        var began = tries.ToArray();
        for (var i = 0; i < 3; i++)
        {
            var pause = Stopwatch.GetElapsedTime(began[i], began[i + 1]);
            Assert.True(pause >= (Brisk.RetryAfter * (1 << i)) - TimeSpan.FromMilliseconds(20), $"Try {i + 2} came {pause.TotalMilliseconds} ms after the one before.");
        }
    }

    [Fact]
    [Trait("Requirement", "R-207")]
    public async Task after_an_operators_retry_the_pauses_begin_again_with_the_first()
    {
        await nodes.PoisonAsync(1);
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var tries = new ConcurrentQueue<long>();
        var subscriptions = nodes.Run(new Ledger("one") { Poison = true, Before = WriteDown(tries) });
        await UntilAsync(() => tries.Count >= 5);
        var before = tries.Count;
        await subscriptions.RetryAsync("one");
        // The retry itself cuts a pause short: what counts comes after the try that it made.
        await UntilAsync(() => OneCameSoon(tries, before + 1));
    }

    [Fact]
    [Trait("Requirement", "R-207")]
    public async Task after_progress_the_pauses_at_the_next_poison_event_begin_with_the_first()
    {
        await nodes.PoisonAsync(1);
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var tries = new ConcurrentQueue<long>();
        var subscriptions = nodes.Run(new Ledger("one") { Poison = true, Before = WriteDown(tries) });
        await UntilAsync(() => tries.Count >= 5);

        // Both events are in one batch: the first takes effect by the try that stops at the second.
        await nodes.PoisonAsync(2);
        await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        await nodes.MendAsync(1);
        await UntilAsync(async () => (await subscriptions.StatesAsync()).Single().Stop?.Position == 2);
        var since = tries.Count;
        await UntilAsync(() => OneCameSoon(tries, since));
    }

    [Fact]
    [Trait("Requirement", "R-254")]
    public async Task an_event_that_is_skipped_while_a_try_at_it_has_begun_takes_no_effect_though_it_could_be_applied_now()
    {
        await nodes.PoisonAsync(3);
        await Test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 5)]);
        var batches = 0;
        var subscriptions = nodes.Run(new Ledger("one") { Poison = true, Before = () => { Interlocked.Increment(ref batches); return Task.CompletedTask; } });
        await UntilAsync(async () => (await subscriptions.StatesAsync()).SingleOrDefault()?.Stop?.Position == 3);

        // A try reads what is skipped, then the events: it is held there, and the decision comes in between.
        await using (var holder = await Test.Owner.OpenConnectionAsync())
        await using (var transaction = await holder.BeginTransactionAsync())
        {
            await using (var hold = new NpgsqlCommand("lock table coffrefort.mt_events in access exclusive mode", holder, transaction)) await hold.ExecuteNonQueryAsync();
            await UntilAsync(async () => await Test.ScalarAsync<long>(WaitingSql) > 0);
            await Test.ExecuteAsync("delete from coffrefort_views.poison");
            batches = 0;
            Assert.True(await subscriptions.SkipAsync("one", 3, _ => Task.CompletedTask));
            await transaction.RollbackAsync();
        }

        Assert.True(await subscriptions.WaitForAsync("one", 5, TimeSpan.FromSeconds(30)));
        Assert.Equal([1, 2, 4, 5], await nodes.LedgerAsync("one"));
        Assert.Null((await subscriptions.StatesAsync()).Single().Stop);
        // The first batch still had the event in it, and was taken back.
        Assert.Equal(2, batches);
    }

    private static Func<Task> WriteDown(ConcurrentQueue<long> tries) => () =>
    {
        tries.Enqueue(Stopwatch.GetTimestamp());
        return Task.CompletedTask;
    };

    /// <summary>Whether one try came sooner after the one before than it does where the pauses have grown for five tries; counted from a try on.</summary>
    private static bool OneCameSoon(ConcurrentQueue<long> tries, int from)
    {
        var times = tries.Skip(from).ToList();
        return times.Zip(times.Skip(1)).Any(pair => Stopwatch.GetElapsedTime(pair.First, pair.Second) < Brisk.RetryAfter * 15);
    }
}
