using System.Diagnostics;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class FaultTests
{
    [Fact]
    [Trait("Requirement", "R-202")]
    [Trait("Requirement", "R-208")]
    public async Task killed_backends_lose_no_acknowledged_append_and_write_none_twice()
    {
        await using var test = await TestJournal.CreateAsync();
        var load = new Load([test.Journal, test.AddNode()], callers: 16);
        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(stop.Token);
        var random = new Random(20270301);
        long kills = 0;
        for (var i = 0; i < 40; i++)
        {
            await load.GoesOnAsync(more: random.Next(1, 60), within: TimeSpan.FromSeconds(20));
            kills += await test.TerminateAsync("coffrefort journal");
        }

        await load.GoesOnAsync(more: 100, within: TimeSpan.FromSeconds(20));
        await stop.CancelAsync();
        await running;
        Assert.True(kills >= 40, $"Only {kills} backends were killed.");
        await load.KeptAsync(test);
    }

    [Fact]
    public async Task PostgreSQL_crashing_under_load_loses_nothing_and_the_journal_goes_on_by_itself()
    {
        await using var cluster = await PostgresCluster.StartAsync(durable: true);
        await using var test = await TestJournal.CreateAsync(cluster, new JournalOptions { GroupTimeout = TimeSpan.FromSeconds(3) });
        var load = new Load([test.Journal], callers: 8);
        using var stop = new CancellationTokenSource();
        var running = load.RunAsync(stop.Token);
        for (var crash = 0; crash < 3; crash++)
        {
            await load.GoesOnAsync(more: 50, within: TimeSpan.FromSeconds(20));
            using var postmaster = Process.GetProcessById(cluster.ProcessId);
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
            var failures = load.Failures.Count;
            var refused = Stopwatch.StartNew();
            await Assert.ThrowsAsync<JournalUnavailableException>(() => test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1), new Deposited(2)));
            await Assert.ThrowsAsync<JournalUnavailableException>(() => test.Journal.HeadAsync());
            Assert.True(refused.Elapsed < TimeSpan.FromSeconds(7), $"The refusal took {refused.Elapsed}.");
            await cluster.RestartAsync(durable: true);
        }

        await load.GoesOnAsync(more: 50, within: TimeSpan.FromSeconds(20));
        await stop.CancelAsync();
        await running;
        // What this test looks with, not what it looks at, still has connections of before the crash.
        test.Owner.Clear();
        NpgsqlConnection.ClearAllPools();
        await load.KeptAsync(test);
    }

    [Theory]
    [InlineData(FaultyWire.Break.AnswerToCommit, false)]
    [InlineData(FaultyWire.Break.WriteAndCommit, false)]
    [InlineData(FaultyWire.Break.AnswerToCommit, true)]
    [InlineData(FaultyWire.Break.WriteAndCommit, true)]
    [InlineData(FaultyWire.Break.LateCommit, true)]
    [Trait("Requirement", "R-202")]
    public async Task a_wire_that_breaks_at_the_commit_neither_loses_nor_doubles_the_append(FaultyWire.Break how, bool looksFirst)
    {
        await using var test = await TestJournal.CreateAsync();
        await using var wire = new FaultyWire(test.ApplicationConnectionString);
        var node = test.AddNode(test.Source(wire.ConnectionString), new JournalOptions { GroupTimeout = TimeSpan.FromSeconds(5) });
        await node.StartAsync(Guid.NewGuid(), new Deposited(0));

        for (var round = 1; round <= 5; round++)
        {
            wire.Arm(how);
            var session = node.OpenSession();
            // At any version: that takes a look.
            if (looksFirst) session.Append<Account>(Guid.NewGuid(), new Deposited(round), new Deposited(round));
            else session.StartStream<Account>(Guid.NewGuid(), new Deposited(round), new Deposited(round));
            var result = await session.SaveChangesAsync();
            Assert.Equal((round * 2L, (round * 2L) + 1), (result.FirstPosition, result.LastPosition));
            Assert.Equal(round, wire.Breaks);
        }

        var rows = await Audit.HoldsAsync(test.Owner);
        Assert.Equal(11, rows.Count);
    }

    [Fact]
    [Trait("Requirement", "R-202")]
    public async Task what_arrives_late_writes_nothing_once_it_was_said_not_to_be_written()
    {
        await using var test = await TestJournal.CreateAsync();
        await using var wire = new FaultyWire(test.ApplicationConnectionString);
        var node = test.AddNode(test.Source(wire.ConnectionString), new JournalOptions { GroupTimeout = TimeSpan.FromSeconds(20) });
        await node.StartAsync(Guid.NewGuid(), new Deposited(0));

        wire.Arm(FaultyWire.Break.LateGuess);
        var result = await node.StartAsync(Guid.NewGuid(), new Deposited(1));

        Assert.Equal((2, 1), (result.FirstPosition, wire.Breaks));
        Assert.Equal(2, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Fact]
    public async Task an_unknown_outcome_is_said_to_be_unknown_and_never_tried_again()
    {
        await using var test = await TestJournal.CreateAsync();
        await using var wire = new FaultyWire(test.ApplicationConnectionString);
        var node = test.AddNode(test.Source(wire.ConnectionString), new JournalOptions { GroupTimeout = TimeSpan.FromSeconds(2) });
        await node.StartAsync(Guid.NewGuid(), new Deposited(0));
        await using var blocker = await test.Owner.OpenConnectionAsync();
        await using var held = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select from coffrefort.journal_head for update", blocker)) await hold.ExecuteNonQueryAsync();
        var alone = node.StartAsync(Guid.NewGuid(), new Deposited(1));
        var together = Enumerable.Range(0, 3).Select(i => node.StartAsync(Guid.NewGuid(), new Deposited(i))).ToList();
        node.Committed += _ =>
        {
            wire.Arm(FaultyWire.Break.AnswerToCommit);
            wire.TurnsAway = true;
        };
        await held.RollbackAsync();

        await alone;
        foreach (var append in together)
        {
            var unknown = await Assert.ThrowsAsync<JournalUnavailableException>(() => append.WaitAsync(TimeSpan.FromSeconds(30)));
            Assert.Contains("not known", unknown.Message, StringComparison.Ordinal);
        }

        Assert.Equal(1, wire.Breaks);
        Assert.Equal(5, (await Audit.HoldsAsync(test.Owner)).Count);
        wire.TurnsAway = false;
        await node.StartAsync(Guid.NewGuid(), new Deposited(1));
    }

    [Fact]
    public async Task a_node_that_stalls_with_the_head_locked_is_thrown_out_and_the_others_write_on()
    {
        await using var test = await TestJournal.CreateAsync();
        var clock = new StallingClock();
        var stalled = test.AddNode(new JournalOptions { NodeClock = clock, StallLimit = TimeSpan.FromMilliseconds(200) });
        clock.StallOnce();
        var stuck = Task.Run(() => stalled.StartAsync(Guid.NewGuid(), new Deposited(2)));
        await clock.Stalling;

        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(3)).WaitAsync(TimeSpan.FromSeconds(30));
        clock.GoOn();
        await stuck;
        Assert.Equal(2, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Fact]
    [Trait("Requirement", "R-211")]
    public async Task a_node_whose_clock_is_off_reads_but_does_not_write_until_it_is_right_again()
    {
        await using var test = await TestJournal.CreateAsync();
        var clock = new StallingClock { Off = TimeSpan.FromSeconds(-1.5) };
        var node = test.AddNode(new JournalOptions { NodeClock = clock });

        Assert.Contains("1.", (await Assert.ThrowsAsync<JournalUnavailableException>(() => node.StartAsync(Guid.NewGuid(), new Deposited(1)))).Message, StringComparison.Ordinal);
        Assert.Equal(0, (await node.HeadAsync()).Size);
        clock.Off = TimeSpan.FromSeconds(0.5);
        await node.StartAsync(Guid.NewGuid(), new Deposited(1));
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(2)).WaitAsync(TimeSpan.FromSeconds(30));
        Assert.Equal(2, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Fact]
    public async Task readers_that_take_every_connection_do_not_starve_the_writer()
    {
        await using var test = await TestJournal.CreateAsync();
        var source = test.Source(test.ApplicationConnectionString + ";Maximum Pool Size=3;Timeout=2");
        var node = test.AddNode(source);
        await node.StartAsync(Guid.NewGuid(), new Deposited(1));
        await using var one = await source.OpenConnectionAsync();
        await using var two = await source.OpenConnectionAsync();

        await node.StartAsync(Guid.NewGuid(), new Deposited(2)).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private sealed class StallingClock : TimeProvider
    {
        private readonly TaskCompletionSource stalling = new();
        private readonly TaskCompletionSource goOn = new();
        private int reads = int.MinValue;

        public TimeSpan Off { get; set; }

        public Task Stalling => stalling.Task;

        /// <summary>The second reading of a node's first group comes when the head is locked.</summary>
        public void StallOnce() => reads = 0;

        public void GoOn() => goOn.SetResult();

        public override DateTimeOffset GetUtcNow()
        {
            if (reads >= 0 && ++reads == 2)
            {
                reads = int.MinValue;
                stalling.SetResult();
                goOn.Task.Wait(TimeSpan.FromSeconds(20));
            }

            return base.GetUtcNow() + Off;
        }
    }
}
