using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>What a session learns of a stream when it fetches it, and holds the journal to.</summary>
public sealed class FetchTests : IAsyncLifetime
{
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task a_stream_fetched_again_keeps_its_first_guard(bool appends)
    {
        var guard = Guid.NewGuid();
        await test.Journal.StartAsync(guard, new Deposited(1));
        var session = test.Journal.OpenSession();
        await session.FetchGuarded<Account>(guard);
        await test.Journal.AppendAsync(guard, new Deposited(2));
        var again = appends ? await session.FetchForWriting<Account>(guard) : await session.FetchGuarded<Account>(guard);
        Assert.Equal(2, again.Version);
        if (appends) again.Append(new Deposited(3));
        else session.StartStream<Account>(Guid.NewGuid(), new Deposited(3));

        Assert.Equal(guard, (await Assert.ThrowsAsync<ConcurrencyException>(() => session.SaveChangesAsync())).StreamId);
        Assert.Equal(2, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    public async Task a_stream_of_another_kind_is_no_stream_of_this_kind(long events)
    {
        var id = Guid.NewGuid();
        await test.Journal.StartAsync(id, [.. Enumerable.Repeat(new Deposited(1), (int)events)]);
        // Asked for its kind, then known, by a node that knows how large the journal is.
        for (var time = 0; time < 3; time++)
        {
            var reading = test.Journal.OpenSession();
            Assert.Equal(events, (await reading.FetchForWriting<Account>(id)).Version);
            var other = await reading.FetchForWriting<Permit>(id);
            Assert.Equal((false, Permit.Empty), (other.Exists, other.State));
        }

        var session = test.Journal.OpenSession();
        var permit = await session.FetchForWriting<Permit>(id);

        Assert.False(permit.Exists);
        Assert.Null(await test.Journal.AggregateStreamAsync<Permit>(id));
        permit.Append(new Deposited(1));
        await Assert.ThrowsAsync<ConcurrencyException>(() => session.SaveChangesAsync());
        session.Append<Permit>(id, new Deposited(1));
        await Assert.ThrowsAsync<InvalidOperationException>(() => session.SaveChangesAsync());
        Assert.Equal(events, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3000)]
    public async Task what_is_fetched_comes_with_the_journals_time_which_another_nodes_drill_may_have_moved(long events)
    {
        var known = Guid.NewGuid();
        await test.Journal.StartAsync(known, [.. Enumerable.Repeat(new Deposited(1), (int)events)]);
        await test.Journal.OpenSession().FetchForWriting<Account>(known);
        var ahead = test.AddNode(new JournalOptions { ClockOffset = TimeSpan.FromDays(3) });
        var moved = (await ahead.StartAsync(Guid.NewGuid(), new Deposited(1))).Timestamp;

        foreach (var id in new[] { known, Guid.NewGuid() })
        {
            var session = test.Journal.OpenSession();
            var account = await session.FetchForWriting<Account>(id);
            Assert.Equal((id == known, id == known ? events : 0, moved), (account.Exists, account.Version, session.Now));
            account.Append(new Deposited(1));
            await session.SaveChangesAsync();
        }

        Assert.InRange((await ahead.OpenSession().NowAsync()) - await test.ScalarAsync<DateTime>("select clock_timestamp()"), TimeSpan.FromDays(2.9), TimeSpan.FromDays(3.1));
    }
}
