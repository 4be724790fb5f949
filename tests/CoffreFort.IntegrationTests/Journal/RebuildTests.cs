using CoffreFort.EventStore;
using Npgsql;
using static CoffreFort.IntegrationTests.Journal.RunningSubscriptions;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class RebuildTests : IAsyncLifetime
{
    private RunningSubscriptions nodes = null!;

    private TestJournal Test => nodes.Test;

    public async Task InitializeAsync() => nodes = await RunningSubscriptions.CreateAsync();

    public async Task DisposeAsync() => await nodes.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-251")]
    public async Task while_a_view_is_rebuilt_writers_write_and_readers_see_their_own_writes_and_never_half_a_view()
    {
        var subscriptions = nodes.Run(new Ledger("one"));
        await FillAsync(300);
        Assert.True(await subscriptions.WaitForAsync("one", 300, TimeSpan.FromSeconds(20)));
        using var enough = new CancellationTokenSource();
        var readers = Enumerable.Range(0, 3).Select(_ => ReadOwnWritesAsync(subscriptions, enough.Token)).ToList();

        var before = await OidAsync("one");
        for (var i = 0; i < 8; i++)
        {
            var result = await subscriptions.RebuildAsync("one");
            Assert.Equal(result.Position, result.Events);
            Assert.NotEqual(before, before = await OidAsync("one"));
        }

        await enough.CancelAsync();
        var reads = (await Task.WhenAll(readers)).Sum();
        Assert.True(reads > 20, $"Only {reads} reads.");
        var size = (await Test.Journal.HeadAsync()).Size;
        Assert.True(await subscriptions.WaitForAsync("one", size, TimeSpan.FromSeconds(20)));
        Assert.Equal(Enumerable.Range(1, (int)size).Select(i => (long)i), await nodes.LedgerAsync("one"));
        Assert.Equal(0, await Test.ScalarAsync<long>("select count(*) from pg_tables where schemaname = 'coffrefort_views_next'"));
        Assert.Equal(0, await Test.ScalarAsync<long>("select count(*) from coffrefort.mt_event_progression where name like '%~next'"));
    }

    [Fact]
    [Trait("Requirement", "R-252")]
    public async Task a_rebuild_that_is_killed_at_any_instant_leaves_the_old_set_or_the_new_one_and_can_be_resumed()
    {
        var subscriptions = nodes.Run(new Ledger("one"));
        await FillAsync(400);
        Assert.True(await subscriptions.WaitForAsync("one", 400, TimeSpan.FromSeconds(20)));
        int killed = 0, done = 0, resumed = 0;
        for (var round = 0; round < 200 && (killed < 8 || done < 3 || resumed == 0); round++)
        {
            var rebuild = subscriptions.RebuildAsync("one", new RebuildOptions { Resume = true });
            await Task.Delay(round % 9 * 3);
            if (round % 3 != 2) await Test.ExecuteAsync("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and application_name like 'coffrefort one~next %'");
            try
            {
                var result = await rebuild;
                done++;
                if (result.Events < result.Position) resumed++;
            }
            catch (NpgsqlException)
            {
                killed++;
            }
            catch (RebuildRunningException)
            {
                // The killed one's session has not ended yet.
            }

            Assert.Equal(Enumerable.Range(1, 400).Select(i => (long)i), await nodes.LedgerAsync("one"));
        }

        Assert.True(killed >= 8 && done >= 3 && resumed > 0, $"{killed} killed, {done} done, {resumed} of them resumed.");
        await subscriptions.RebuildAsync("one");
        Assert.Equal(0, await Test.ScalarAsync<long>("select count(*) from pg_tables where schemaname = 'coffrefort_views_next'"));
    }

    [Fact]
    [Trait("Requirement", "R-252")]
    public async Task two_rebuilds_of_one_view_exclude_each_other_and_two_of_different_views_do_not()
    {
        var hold = new TaskCompletionSource();
        var begun = new TaskCompletionSource();
        var holding = new Ledger("one") { Before = () => { begun.TrySetResult(); return hold.Task; } };
        await FillAsync(10);
        var subscriptions = new Subscriptions(Test.Journal, Test.Application, [holding, new Ledger("two")], Brisk);
        var elsewhere = new Subscriptions(Test.AddNode(), Test.Source(), [new Ledger("one")], Brisk);

        var first = subscriptions.RebuildAsync("one");
        await begun.Task;
        await Assert.ThrowsAsync<RebuildRunningException>(() => elsewhere.RebuildAsync("one"));
        await subscriptions.RebuildAsync("two");
        hold.SetResult();
        await first;

        Assert.Equal(10, (await elsewhere.RebuildAsync("one")).Events);
        Assert.Equal(10, (await nodes.LedgerAsync("one")).Count);
    }

    [Fact]
    [Trait("Requirement", "R-253")]
    public async Task a_new_version_is_built_beside_the_old_one_which_goes_on_until_it_is_replaced_and_then_stands_aside()
    {
        var hold = new TaskCompletionSource();
        var old = nodes.Run(new Ledger("one"));
        await FillAsync(30);
        Assert.True(await old.WaitForAsync("one", 30, TimeSpan.FromSeconds(20)));

        var renewed = nodes.Run(Test.AddNode(), Test.Source(), new Ledger("one") { Version = 2, Before = () => hold.Task });
        await UntilAsync(() => renewed.Statuses[0].StoppedBy?.Contains("being built", StringComparison.Ordinal) == true);
        await FillAsync(30);
        Assert.True(await old.WaitForAsync("one", 60, TimeSpan.FromSeconds(20)));
        Assert.Equal(60, (await nodes.LedgerAsync("one")).Count);
        hold.SetResult();
        await UntilAsync(() => renewed.Statuses[0].StoppedBy is null);
        await FillAsync(30);

        Assert.True(await renewed.WaitForAsync("one", 90, TimeSpan.FromSeconds(20)));
        await UntilAsync(() => old.Statuses[0].StoppedBy?.Contains("Version 2 of it is live", StringComparison.Ordinal) == true);
        await UntilAsync(() => renewed.Statuses[0].RunsHere);
        Assert.Equal(Enumerable.Range(1, 90).Select(i => (long)i), await nodes.LedgerAsync("one_2"));
        Assert.Equal(0, await Test.ScalarAsync<long>("select count(*) from pg_tables where tablename = 'ledger_one'"));
    }

    [Fact]
    [Trait("Requirement", "R-254")]
    public async Task a_poison_event_is_passed_over_by_decision_and_by_every_rebuild_of_that_version_after_it()
    {
        await nodes.PoisonAsync(37, 41);
        await FillAsync(60);
        var subscriptions = nodes.Run(new Ledger("one") { Poison = true });
        var stop = await StopAsync(subscriptions, 37);
        Assert.Equal("test_deposited", stop.EventType);
        Assert.Contains("division by zero", stop.Error, StringComparison.Ordinal);

        Assert.False(await subscriptions.SkipAsync("one", 38, _ => throw new InvalidOperationException("Nothing is to be recorded.")));
        await Assert.ThrowsAsync<KeyNotFoundException>(() => subscriptions.SkipAsync("one", 37, _ => throw new KeyNotFoundException()));
        Assert.Equal(stop, (await StateAsync(subscriptions)).Stop);
        var recorded = new List<long>();
        var elsewhere = new Subscriptions(Test.AddNode(), Test.Source(), [new Ledger("one")], Brisk);
        Assert.True(await elsewhere.SkipAsync("one", 37, decided => { recorded.Add(decided.Position); return Task.CompletedTask; }));
        Assert.Equal([37], recorded);

        await StopAsync(subscriptions, 41);
        Assert.Equal(Enumerable.Range(1, 40).Where(i => i != 37).Select(i => (long)i), await nodes.LedgerAsync("one"));
        await nodes.MendAsync(41);
        await subscriptions.RetryAsync("one");
        Assert.True(await subscriptions.WaitForAsync("one", 60, TimeSpan.FromSeconds(20)));
        var without = Enumerable.Range(1, 60).Where(i => i != 37).Select(i => (long)i).ToList();
        Assert.Equal(without, await nodes.LedgerAsync("one"));

        await Test.ExecuteAsync("delete from coffrefort_views.poison");
        var again = await subscriptions.RebuildAsync("one");
        Assert.Equal((59, 1), (again.Events, again.Skipped));
        Assert.Equal(without, await nodes.LedgerAsync("one"));
        Assert.Equal((60, 0), (await subscriptions.RebuildAsync("one", new RebuildOptions { RetrySkipped = true })) is var healed ? (healed.Events, healed.Skipped) : default);
        Assert.Equal(60, (await subscriptions.RebuildAsync("one")).Events);
    }

    [Fact]
    [Trait("Requirement", "R-254")]
    public async Task a_rebuild_that_meets_a_poison_event_leaves_the_old_set_and_can_be_resumed_past_it_by_decision()
    {
        await nodes.PoisonAsync();
        await FillAsync(120);
        var subscriptions = nodes.Run(new Ledger("one") { Poison = true });
        Assert.True(await subscriptions.WaitForAsync("one", 120, TimeSpan.FromSeconds(20)));
        await nodes.PoisonAsync(77);

        var poison = await Assert.ThrowsAsync<PoisonEventException>(() => subscriptions.RebuildAsync("one"));
        Assert.Equal(77, poison.Position);
        var state = await StateAsync(subscriptions);
        Assert.True(state is { Position: 120, Stop: { Position: 77, WhileRebuilding: true }, Rebuild: { Position: 76, Node: null } }, state.ToString());
        Assert.Equal(120, (await nodes.LedgerAsync("one")).Count);

        Assert.True(await subscriptions.SkipAsync("one", 77, _ => Task.CompletedTask));
        var resumed = await subscriptions.RebuildAsync("one", new RebuildOptions { Resume = true });
        Assert.Equal((120, 43, 1), (resumed.Position, resumed.Events, resumed.Skipped));
        Assert.Equal(119, (await nodes.LedgerAsync("one")).Count);
    }

    [Fact]
    public async Task a_long_reader_delays_the_swap_and_neither_fails_nor_is_in_the_way_of_others()
    {
        var subscriptions = nodes.Run(new Ledger("one"));
        await FillAsync(20);
        Assert.True(await subscriptions.WaitForAsync("one", 20, TimeSpan.FromSeconds(20)));
        await using var reader = await Test.Application.OpenConnectionAsync();
        await using var transaction = await reader.BeginTransactionAsync();
        await using var read = new NpgsqlCommand("select count(*) from coffrefort_views.ledger_one", reader, transaction);
        Assert.Equal(20L, await read.ExecuteScalarAsync());

        var rebuild = subscriptions.RebuildAsync("one");
        await UntilAsync(async () => await Test.ScalarAsync<long>("select count(*) from pg_locks join pg_stat_activity using (pid) where not granted and datname = current_database()") > 0);
        await FillAsync(20);
        Assert.True(await subscriptions.WaitForAsync("one", 40, TimeSpan.FromSeconds(20)));
        Assert.False(rebuild.IsCompleted);
        await transaction.RollbackAsync();
        Assert.Equal(40, (await rebuild).Position);
    }

    /// <summary>Writes, waits for what it wrote, and reads it; says how often.</summary>
    private async Task<int> ReadOwnWritesAsync(Subscriptions subscriptions, CancellationToken enough)
    {
        var reads = 0;
        for (; !enough.IsCancellationRequested; reads++)
        {
            var written = (await Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1))).LastPosition;
            Assert.True(await subscriptions.WaitForAsync("one", written, TimeSpan.FromSeconds(20), CancellationToken.None));
            await using var command = Test.Application.CreateCommand("select count(*), count(distinct position), max(position) from coffrefort_views.ledger_one");
            await using var reader = await command.ExecuteReaderAsync(CancellationToken.None);
            await reader.ReadAsync(CancellationToken.None);
            var (count, distinct, max) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
            Assert.True(count >= written && count == distinct && count == max, $"Wrote {written}, then saw {count} entries, {distinct} distinct, up to {max}.");
        }

        return reads;
    }

    private async Task FillAsync(int events)
    {
        for (var left = events; left > 0; left -= 50) await Test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), Math.Min(left, 50))]);
    }

    private static async Task<SubscriptionState> StateAsync(Subscriptions subscriptions) => (await subscriptions.StatesAsync()).Single(state => state.Name == "one");

    private static async Task<SubscriptionStop> StopAsync(Subscriptions subscriptions, long position)
    {
        SubscriptionStop? stop = null;
        await UntilAsync(async () => (stop = (await subscriptions.StatesAsync()).SingleOrDefault(state => state.Name == "one")?.Stop)?.Position == position);
        return stop!;
    }

    private Task<long> OidAsync(string name) => Test.ScalarAsync<long>($"select 'coffrefort_views.ledger_{name}'::regclass::oid::bigint");
}
