using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A decision on what a node remembers is written only if it would have been the same on what the journal holds.</summary>
public sealed class RecallTests : IAsyncLifetime
{
    private readonly Guid _id = Guid.NewGuid();
    private TestJournal _test = null!;

    public async Task InitializeAsync() => _test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await _test.DisposeAsync();

    [Fact]
    public async Task what_was_fetched_and_what_was_saved_is_remembered_as_the_journal_holds_it()
    {
        // The writer's connection stands before anything is to be remembered.
        await _test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var session = _test.Journal.OpenSession(recall: Recall.Keep);
        session.StartStream<Account>(_id, new Deposited(1), new Deposited(2));
        await session.SaveChangesAsync();
        await RemembersAsync(2);

        session = _test.Journal.OpenSession(recall: Recall.Keep);
        (await session.FetchForWriting<Account>(_id)).Append(new Deposited(3));
        await session.SaveChangesAsync();
        await RemembersAsync(3);
        var elsewhere = _test.AddNode();
        Assert.Null(elsewhere.Recalled<Account>(_id));
        await elsewhere.OpenSession(recall: Recall.Keep).FetchForWriting<Account>(_id);
        Assert.Equal(_test.Journal.Recalled<Account>(_id), elsewhere.Recalled<Account>(_id));
    }

    [Fact]
    public async Task nothing_is_remembered_of_what_was_not_written_nor_by_a_session_that_was_not_to()
    {
        await _test.Journal.StartAsync(_id, new Deposited(1));
        Assert.Null(_test.Journal.Recalled<Account>(_id));

        var late = _test.Journal.OpenSession(recall: Recall.Keep);
        (await late.FetchForWriting<Account>(_id)).Append(new Deposited(2));
        late.NotAfter(DateTimeOffset.UnixEpoch);
        await Assert.ThrowsAsync<AppendTooLateException>(() => late.SaveChangesAsync());
        await RemembersAsync(1);
        Assert.Null(_test.Journal.Recalled<Permit>(_id));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task what_is_remembered_is_decided_on_without_asking_and_written_only_while_it_stands(bool writesToIt)
    {
        await RememberAsync();
        var relying = _test.Journal.OpenSession(recall: Recall.Rely);
        var known = await relying.FetchForWriting<Account>(_id);
        Assert.True(relying.ReliesOnMemory);
        Assert.Equal((1, new Account(1, 1)), (known.Version, known.State));
        Append(relying, known, writesToIt);
        await relying.SaveChangesAsync();

        await _test.AddNode().AppendAsync(_id, new Deposited(10));
        var outdated = _test.Journal.OpenSession(recall: Recall.Rely);
        known = await outdated.FetchForWriting<Account>(_id);
        Assert.Equal(writesToIt ? 2 : 1, known.Version);
        Append(outdated, known, writesToIt);
        var before = (await _test.Journal.HeadAsync()).Size;
        Assert.Equal(_id, (await Assert.ThrowsAsync<ConcurrencyException>(() => outdated.SaveChangesAsync())).StreamId);
        Assert.Equal(before, (await _test.Journal.HeadAsync()).Size);
    }

    [Fact]
    public async Task who_asks_for_a_stream_again_is_told_how_it_stands()
    {
        await RememberAsync();
        var relying = _test.Journal.OpenSession(recall: Recall.Rely);
        await relying.FetchForWriting<Account>(_id);
        await _test.AddNode().AppendAsync(_id, new Deposited(10));
        var again = await relying.FetchForWriting<Account>(_id);
        Assert.Equal(2, again.Version);
        again.Append(new Deposited(3));
        // What was decided before it asked rests on the older version all the same.
        await Assert.ThrowsAsync<ConcurrencyException>(() => relying.SaveChangesAsync());
    }

    [Fact]
    public async Task the_time_at_which_it_decides_is_never_later_than_the_one_it_is_written_at()
    {
        for (var i = 0; i < 50; i++)
        {
            if (i % 10 == 0) await RememberAsync(Guid.NewGuid());
            var relying = _test.Journal.OpenSession(recall: Recall.Rely);
            (await relying.FetchForWriting<Account>(_id)).Append(new Deposited(i));
            Assert.Equal(i > 0, relying.ReliesOnMemory);
            var now = relying.Now;
            Assert.True((await relying.SaveChangesAsync()).Timestamp >= now);
            Assert.InRange(now, (await _test.Journal.NowAsync()).AddSeconds(-30), await _test.Journal.NowAsync());
            if (i == 0) await RememberAsync();
        }
    }

    [Fact]
    public async Task what_was_decided_at_a_time_that_ran_ahead_of_the_journals_is_a_lost_race()
    {
        await RememberAsync();
        // Another node's drill is an hour ahead, and the journal's time stands still until the clock has caught up; what is reckoned runs on.
        await _test.AddNode(new JournalOptions { ClockOffset = TimeSpan.FromHours(1) }).StartAsync(Guid.NewGuid(), new Deposited(1));
        var fetching = _test.Journal.OpenSession(recall: Recall.Keep);
        await fetching.FetchForWriting<Account>(_id);
        var relying = _test.Journal.OpenSession(recall: Recall.Rely);
        (await relying.FetchForWriting<Account>(_id)).Append(new Deposited(2));
        Assert.True(relying.ReliesOnMemory);
        Assert.True(relying.Now > fetching.Now);
        await Assert.ThrowsAsync<ConcurrencyException>(() => relying.SaveChangesAsync());

        var asking = _test.Journal.OpenSession(recall: Recall.Rely);
        await asking.FetchForWriting<Account>(_id);
        await asking.FetchForWriting<Account>(Guid.NewGuid());
        Assert.Equal(fetching.Now, asking.Now);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task a_connection_that_is_opened_anew_may_lead_to_a_restored_journal_in_which_the_same_version_says_something_else(bool writesToIt)
    {
        await RememberAsync();
        var relying = _test.Journal.OpenSession(recall: Recall.Rely);
        Append(relying, await relying.FetchForWriting<Account>(_id), writesToIt);
        await LoseConnectionAsync();
        await Assert.ThrowsAsync<ConcurrencyException>(() => relying.SaveChangesAsync());
        Assert.Equal(2, (await _test.Journal.HeadAsync()).Size);
        Assert.Null(_test.Journal.Recalled<Account>(_id));

        var afterwards = _test.Journal.OpenSession(recall: Recall.Rely);
        Append(afterwards, await afterwards.FetchForWriting<Account>(_id), writesToIt);
        Assert.False(afterwards.ReliesOnMemory);
        await afterwards.SaveChangesAsync();
    }

    [Fact]
    public async Task others_of_the_group_are_written_when_one_was_decided_on_a_lost_memory()
    {
        await RememberAsync();
        var relying = Enumerable.Range(0, 8).Select(_ => _test.Journal.OpenSession(recall: Recall.Rely)).ToList();
        foreach (var session in relying)
        {
            await session.FetchGuarded<Account>(_id);
            session.StartStream<Account>(Guid.NewGuid(), new Deposited(1));
        }

        await LoseConnectionAsync();
        var mixed = relying.Select((session, i) => (Outdated: session.SaveChangesAsync(), Plain: _test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i)))).ToList();
        foreach (var (outdated, plain) in mixed)
        {
            await Assert.ThrowsAsync<ConcurrencyException>(() => outdated);
            await plain;
        }

        Assert.Equal(10, (await Audit.HoldsAsync(_test.Owner)).Count);
    }

    private static void Append(JournalSession session, EventStream<Account> stream, bool writesToIt)
    {
        // Guarded by being relied on, though nobody said so.
        if (writesToIt) stream.Append(new Deposited(5));
        else session.StartStream<Account>(Guid.NewGuid(), new Deposited(5));
    }

    /// <summary>The writer's; gone before this returns.</summary>
    private Task LoseConnectionAsync() => _test.ExecuteAsync(
        "select pg_terminate_backend(pid, 20000) from pg_stat_activity where datname = current_database() and application_name = 'coffrefort journal'");

    /// <summary>The stream with one event, which the node knows of; and a first event elsewhere, so that the writer's connection stands.</summary>
    private async Task RememberAsync(Guid? id = null)
    {
        if (await _test.Journal.AggregateStreamAsync<Account>(id ?? _id) is null) await _test.Journal.StartAsync(id ?? _id, new Deposited(1));
        if ((await _test.Journal.HeadAsync()).Size == 1) await _test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        await _test.Journal.OpenSession(recall: Recall.Keep).FetchForWriting<Account>(id ?? _id);
    }

    private async Task RemembersAsync(long version)
    {
        var remembered = _test.Journal.Recalled<Account>(_id);
        Assert.Equal(version, remembered?.Version);
        Assert.Equal(await _test.Journal.AggregateStreamAsync<Account>(_id), remembered!.State);
    }
}
