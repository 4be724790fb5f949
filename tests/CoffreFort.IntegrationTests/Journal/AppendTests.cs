using System.Text;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class AppendTests : IAsyncLifetime
{
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    public async Task an_event_lies_in_Martens_columns_and_comes_back_byte_for_byte()
    {
        var id = Guid.NewGuid();
        var session = test.Journal.OpenSession(new EventMetadata(new Dictionary<string, string>
        {
            ["actor"] = "person:é\"1", ["correlation"] = "c-1", ["causation"] = "c-0", ["channel"] = "page",
        }));
        session.StartStream<Account>(id, new Deposited(5, "l'été <b>\\u0000 \u0001 𝄞"), new Deposited(7));
        var result = await session.SaveChangesAsync();

        var stored = await test.Journal.FetchStreamAsync(id);
        var row = (await Audit.HoldsAsync(test.Owner))[0];
        Assert.Equal((1L, 2L, false), (result.FirstPosition, result.LastPosition, result.Repeated));
        Assert.Equal(result.Events, stored.Select(e => e.Coordinates));
        Assert.All(stored, e => Assert.Equal(result.Timestamp, e.Timestamp));
        Assert.Equal(new Deposited(5, "l'été <b>\\u0000 \u0001 𝄞"), stored[0].Body);
        Assert.Equal(row.Data, stored[0].Data.ToArray());
        Assert.Equal(row.Headers, stored[0].HeadersJson.ToArray());
        Assert.Equal("page", stored[0].Header("channel"));
        Assert.Equal("""{"Amount":7,"Note":""}""", Encoding.UTF8.GetString(stored[1].Data.Span));
        Assert.Equal(
            $"test_deposited|*DEFAULT*|{typeof(Deposited).FullName}|c-1|c-0|person:é\"1|f",
            await test.ScalarAsync<string>(
                "select concat_ws('|', type, tenant_id, mt_dotnet_type, correlation_id, causation_id, user_name, is_archived) from coffrefort.mt_events where seq_id = 1"));
        Assert.Equal("account|2|*DEFAULT*|f", await test.ScalarAsync<string>("select concat_ws('|', type, version, tenant_id, is_archived) from coffrefort.mt_streams"));
    }

    [Fact]
    public async Task an_append_to_several_streams_is_whole_or_nothing()
    {
        Guid kept = Guid.NewGuid(), other = Guid.NewGuid();
        await test.Journal.StartAsync(kept, new Deposited(1));

        var session = test.Journal.OpenSession();
        session.StartStream<Account>(other, new Deposited(1));
        session.StartStream<Account>(kept, new Deposited(1));
        var lost = await Assert.ThrowsAsync<ConcurrencyException>(() => session.SaveChangesAsync());

        Assert.Equal((kept, 0L, 1L), (lost.StreamId, lost.ExpectedVersion, lost.ActualVersion));
        Assert.Empty(await test.Journal.FetchStreamAsync(other));
        Assert.Single(await Audit.HoldsAsync(test.Owner));
    }

    [Fact]
    public async Task a_stream_that_moved_on_refuses_the_version_that_was_read_and_takes_any()
    {
        var id = Guid.NewGuid();
        await test.Journal.StartAsync(id, new Deposited(1));
        var late = test.Journal.OpenSession();
        var stream = await late.FetchForWriting<Account>(id);
        var any = test.Journal.OpenSession();
        any.Append<Account>(id, new Deposited(2));
        any.Append<Account>(Guid.NewGuid(), new Deposited(3));

        Assert.Equal(2, (await any.SaveChangesAsync()).Events[0].Version);
        stream.Append(new Deposited(4));
        await Assert.ThrowsAsync<ConcurrencyException>(() => late.SaveChangesAsync());
        (await late.FetchForWriting<Account>(id)).Append(new Deposited(4));
        Assert.Equal(3, (await late.SaveChangesAsync()).Events[0].Version);
    }

    [Fact]
    public async Task a_guarded_stream_must_stand_still_and_one_that_did_not_exist_must_not_begin()
    {
        Guid guard = Guid.NewGuid(), absent = Guid.NewGuid();
        await test.Journal.StartAsync(guard, new Deposited(1));
        foreach (var guarded in new[] { guard, absent })
        {
            var session = test.Journal.OpenSession();
            await session.FetchGuarded<Account>(guarded);
            session.StartStream<Account>(Guid.NewGuid(), new Deposited(1));
            await test.Journal.AppendAsync(guarded, new Deposited(1));
            Assert.Equal(guarded, (await Assert.ThrowsAsync<ConcurrencyException>(() => session.SaveChangesAsync())).StreamId);
        }

        var still = test.Journal.OpenSession();
        await still.FetchGuarded<Account>(guard);
        still.StartStream<Account>(Guid.NewGuid(), new Deposited(1));
        await still.SaveChangesAsync();
    }

    [Fact]
    [Trait("Requirement", "R-203")]
    public async Task fifty_calls_under_one_key_on_two_nodes_write_once_and_give_equal_results()
    {
        var nodes = new[] { test.Journal, test.AddNode() };
        var results = await Task.WhenAll(Enumerable.Range(0, 50).Select(i => Task.Run(() =>
        {
            var session = nodes[i % 2].OpenSession(idempotencyKey: "one");
            session.StartStream<Account>(Guid.NewGuid(), new Deposited(i), new Deposited(i));
            return session.SaveChangesAsync();
        })));

        Assert.Equal(2, (await Audit.HoldsAsync(test.Owner)).Count);
        Assert.Single(results, result => !result.Repeated);
        foreach (var result in results.Append(await test.Journal.FindByIdempotencyKeyAsync("one")))
        {
            Assert.Equal(results[0].Events, result!.Events);
            Assert.Equal(
                (results[0].FirstPosition, results[0].LastPosition, results[0].Timestamp), (result.FirstPosition, result.LastPosition, result.Timestamp));
        }

        Assert.Null(await test.Journal.FindByIdempotencyKeyAsync("two"));
    }

    [Fact]
    public async Task a_session_with_a_key_saves_once_and_an_impossible_key_is_refused_before_anything()
    {
        var session = test.Journal.OpenSession(idempotencyKey: "once");
        session.StartStream<Account>(Guid.NewGuid(), new Deposited(1));
        await session.SaveChangesAsync();
        session.StartStream<Account>(Guid.NewGuid(), new Deposited(2));

        await Assert.ThrowsAsync<InvalidOperationException>(() => session.SaveChangesAsync());
        foreach (var key in new[] { "", new string('x', 201), "a\0b", "half \ud800" })
            Assert.Throws<ArgumentException>(() => test.Journal.OpenSession(idempotencyKey: key));
        Assert.Throws<ArgumentException>(() => new EventMetadata(new Dictionary<string, string> { ["actor"] = "\0" }));
    }

    [Fact]
    [Trait("Requirement", "R-004")]
    public async Task an_append_past_its_limit_is_not_written()
    {
        var session = test.Journal.OpenSession();
        session.StartStream<Account>(Guid.NewGuid(), new Deposited(1));
        session.NotAfter(await test.Journal.NowAsync() - TimeSpan.FromMilliseconds(1));
        session.NotAfter(DateTimeOffset.MaxValue);

        await Assert.ThrowsAsync<AppendTooLateException>(() => session.SaveChangesAsync());
        Assert.Equal(0, (await test.Journal.HeadAsync()).Size);
    }

    [Fact]
    public async Task a_caller_that_gives_up_does_not_take_its_group_along()
    {
        await using var blocker = await test.Owner.OpenConnectionAsync();
        await using var held = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select from coffrefort.journal_head for update", blocker)) await hold.ExecuteNonQueryAsync();
        using var givesUp = new CancellationTokenSource();
        var appends = Enumerable.Range(0, 10).Select(i =>
        {
            var session = test.Journal.OpenSession();
            session.StartStream<Account>(Guid.NewGuid(), new Deposited(i));
            return session.SaveChangesAsync(i == 0 ? givesUp.Token : CancellationToken.None);
        }).ToList();

        await givesUp.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => appends[0]);
        await held.RollbackAsync();
        await Task.WhenAll(appends[1..]);
        Assert.Equal(10, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Fact]
    public async Task a_full_queue_refuses_at_once_and_a_blocked_head_refuses_in_time()
    {
        var node = test.AddNode(new JournalOptions { WaitingLimit = 3, GroupTimeout = TimeSpan.FromSeconds(1) });
        await using var blocker = await test.Owner.OpenConnectionAsync();
        await using var held = await blocker.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select from coffrefort.journal_head for update", blocker)) await hold.ExecuteNonQueryAsync();

        var first = node.StartAsync(Guid.NewGuid(), new Deposited(0));
        var queued = Enumerable.Range(0, 3).Select(_ => node.StartAsync(Guid.NewGuid(), new Deposited(0))).ToList();
        var refused = node.StartAsync(Guid.NewGuid(), new Deposited(0));
        var full = await Assert.ThrowsAsync<JournalUnavailableException>(() => refused.WaitAsync(TimeSpan.FromSeconds(30)));
        Assert.Contains("More than 3 appends wait already", full.Message, StringComparison.Ordinal);
        foreach (var append in queued.Prepend(first))
            await Assert.ThrowsAsync<JournalUnavailableException>(() => append.WaitAsync(TimeSpan.FromSeconds(30)));
        await held.RollbackAsync();

        await node.StartAsync(Guid.NewGuid(), new Deposited(1));
        Assert.Single(await Audit.HoldsAsync(test.Owner));
    }

    [Fact]
    public async Task a_listener_that_throws_changes_nothing_of_what_was_committed()
    {
        test.Journal.Committed += _ => throw new InvalidOperationException("a careless listener");
        var results = await Task.WhenAll(Enumerable.Range(0, 20).Select(i => test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i))));

        Assert.Equal(20, results.Length);
        Assert.Equal(20, (await Audit.HoldsAsync(test.Owner)).Count);
    }

    [Fact]
    [Trait("Requirement", "R-204")]
    public async Task the_application_can_neither_change_nor_delete_events()
    {
        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        foreach (var attack in new[]
        {
            "update coffrefort.mt_events set user_name = 'x'", "delete from coffrefort.mt_events", "truncate coffrefort.mt_events",
            "alter table coffrefort.mt_events disable trigger all", "drop table coffrefort.mt_events", "delete from coffrefort.mt_streams",
            "delete from coffrefort.journal_head", "update coffrefort.journal_idempotency set first_seq_id = 9", "delete from coffrefort.journal_checkpoints",
            "insert into coffrefort.mt_events select * from coffrefort.mt_events on conflict (seq_id) do update set user_name = 'x'",
        })
        {
            var refusal = await Assert.ThrowsAsync<PostgresException>(() => test.ExecuteAsync(attack, test.Application));
            Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
        }

        Assert.False(await JournalSchema.CanRewriteEventsAsync(test.Application));
        Assert.True(await JournalSchema.CanRewriteEventsAsync(test.Owner));
        await test.ExecuteAsync($"grant update (user_name) on coffrefort.mt_events to {PostgresCluster.ApplicationRole}");
        Assert.True(await JournalSchema.CanRewriteEventsAsync(test.Application));
    }

    [Fact]
    public async Task a_disposed_journal_refuses_and_leaves_no_connection_behind()
    {
        var source = test.Source(test.ApplicationConnectionString + ";Maximum Pool Size=1;Timeout=2");
        var node = test.AddNode(source);
        await node.StartAsync(Guid.NewGuid(), new Deposited(1));
        await node.DisposeAsync();
        await node.DisposeAsync();

        await Assert.ThrowsAsync<JournalUnavailableException>(() => node.StartAsync(Guid.NewGuid(), new Deposited(1)));
        await using var only = await source.OpenConnectionAsync();
    }
}
