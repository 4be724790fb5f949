using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A node that knows how the journal stands asks PostgreSQL once; whatever it got wrong, PostgreSQL finds, and nothing is written on a guess.</summary>
public sealed class OneRoundTripTests : IAsyncLifetime
{
    private const string InOneTrip = "select coffrefort.journal_append";

    private readonly ShiftedClock clock = new();
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync(options: new JournalOptions { NodeClock = clock });

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    public async Task a_node_that_writes_alone_asks_once_and_one_among_others_looks_first()
    {
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        Assert.Equal("commit", await LastStatementAsync());
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(2));
        Assert.StartsWith(InOneTrip, await LastStatementAsync(), StringComparison.Ordinal);

        var other = test.AddNode();
        for (var i = 0; i < 3; i++)
        {
            await other.StartAsync(Guid.NewGuid(), new Deposited(i));
            await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
        }

        await other.DisposeAsync();
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(3));
        Assert.Equal("commit", await LastStatementAsync());
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(4));
        Assert.StartsWith(InOneTrip, await LastStatementAsync(), StringComparison.Ordinal);
        Assert.Equal(10, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Theory]
    [InlineData(0.6)]
    [InlineData(-0.6)]
    public async Task a_node_whose_clock_jumps_still_dates_its_events_by_PostgreSQLs(double seconds)
    {
        var id = Guid.NewGuid();
        for (var i = 0; i < 3; i++) await test.Journal.AppendAsync(id, new Deposited(i));
        clock.Off = TimeSpan.FromSeconds(seconds);
        for (var i = 0; i < 3; i++)
        {
            var before = await test.ScalarAsync<DateTime>("select clock_timestamp()");
            var result = await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i));
            var after = await test.ScalarAsync<DateTime>("select clock_timestamp()");
            Assert.InRange(result.Timestamp, before - TimeSpan.FromMilliseconds(100), after);
        }

        await Audit.HoldsAsync(test.Owner);
    }

    [Fact]
    public async Task nothing_is_dated_before_the_time_it_was_decided_at()
    {
        for (var i = 0; i < 50; i++)
        {
            var session = test.Journal.OpenSession();
            (await session.FetchForWriting<Account>(Guid.NewGuid())).Append(new Deposited(i));
            var decided = session.Now;
            Assert.True((await session.SaveChangesAsync()).Timestamp >= decided);
        }
    }

    [Fact]
    public async Task lost_races_repeated_keys_and_bad_events_are_told_apart_on_a_guess_as_under_the_lock()
    {
        Guid moved = Guid.NewGuid(), absent = Guid.NewGuid();
        await test.Journal.StartAsync(moved, new Deposited(1));
        var stale = test.Journal.OpenSession();
        (await stale.FetchForWriting<Account>(moved)).Append(new Deposited(2));
        var guarded = test.Journal.OpenSession();
        await guarded.FetchGuarded<Account>(moved);
        guarded.StartStream<Account>(Guid.NewGuid(), new Deposited(3));
        await test.Journal.AppendAsync(moved, new Deposited(4));
        await KeyedAsync("once", absent);

        Assert.Equal(2, (await Assert.ThrowsAsync<ConcurrencyException>(() => stale.SaveChangesAsync())).ActualVersion);
        await WarmAsync();
        Assert.Equal(moved, (await Assert.ThrowsAsync<ConcurrencyException>(() => guarded.SaveChangesAsync())).StreamId);
        await WarmAsync();
        await Assert.ThrowsAsync<ConcurrencyException>(() => test.Journal.StartAsync(moved, new Deposited(5)));
        await WarmAsync();
        Assert.True((await KeyedAsync("once", Guid.NewGuid())).Repeated);
        await WarmAsync();
        await Assert.ThrowsAsync<Npgsql.PostgresException>(() => test.Journal.StartAsync(Guid.NewGuid(), new Garbled("{"u8.ToArray())));
        Assert.Equal(3 + 8, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    /// <summary>Whatever happened before, the next append is sent on a guess.</summary>
    private async Task WarmAsync()
    {
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(0));
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(0));
        Assert.StartsWith(InOneTrip, await LastStatementAsync(), StringComparison.Ordinal);
    }

    private Task<AppendResult> KeyedAsync(string key, Guid id)
    {
        var session = test.Journal.OpenSession(idempotencyKey: key);
        session.StartStream<Account>(id, new Deposited(1));
        return session.SaveChangesAsync();
    }

    // The backend of a node that is gone may be listed a little longer.
    private Task<string> LastStatementAsync() => test.ScalarAsync<string>("""
        select query from pg_stat_activity
        where datname = current_database() and application_name = 'coffrefort journal' order by query_start desc nulls last limit 1
        """);

    private sealed class ShiftedClock : TimeProvider
    {
        public TimeSpan Off { get; set; }

        public override DateTimeOffset GetUtcNow() => base.GetUtcNow() + Off;
    }
}
