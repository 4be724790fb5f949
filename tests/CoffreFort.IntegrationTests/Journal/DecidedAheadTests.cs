using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>While one group is on its way the next is decided already; whatever becomes of the first, each append of the second gets what it deserves.</summary>
public sealed class DecidedAheadTests : IAsyncLifetime
{
    private const int Followers = 100;

    private readonly Guid contested = Guid.NewGuid();
    private TestJournal test = null!;

    public async Task InitializeAsync()
    {
        test = await TestJournal.CreateAsync();
        await test.Journal.StartAsync(contested, new Deposited(1));
        await test.Journal.AppendAsync(contested, new Deposited(1));
    }

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    public async Task a_group_that_was_decided_while_another_was_written_is_dated_before_that_ends()
    {
        // On a slow machine the first group is sometimes too old when it gets the lock; then nothing that rests on it counts.
        for (var round = 0; round < 50; round++)
        {
            await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
            var (released, results) = await BehindOneAsync(_ => Task.CompletedTask, i => test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i)));
            var rows = await Audit.HoldsAsync(test.Owner);
            Assert.Equal(Followers, results.Select(result => result!.FirstPosition).Intersect(rows.Select(row => row.Position)).Count());
            if (results.Any(result => result!.Timestamp < released)) return;
        }

        Assert.Fail("In no round was anything decided ahead.");
    }

    [Fact]
    public async Task a_group_that_rests_on_one_that_came_too_late_is_decided_again() =>
        await EachGetsWhatItDeservesAsync(head => ExecuteAsync(head, "select pg_sleep(0.2)"));

    [Fact]
    public async Task a_group_that_rests_on_one_whose_connection_broke_is_decided_again() =>
        await EachGetsWhatItDeservesAsync(_ => test.TerminateAsync("coffrefort journal"));

    [Fact]
    public async Task a_group_that_rests_on_one_that_another_node_overtook_is_decided_again() =>
        await EachGetsWhatItDeservesAsync(head => ExecuteAsync(head, "update coffrefort.journal_head set fence = fence + 1"));

    /// <summary>Good ones, lost races, a key used twice, one at any version and one that is no JSON, in the same group.</summary>
    private async Task EachGetsWhatItDeservesAsync(Func<NpgsqlConnection, Task> fault)
    {
        var stale = new List<JournalSession>();
        for (var i = 0; i < 3; i++)
        {
            var session = test.Journal.OpenSession();
            (await session.FetchForWriting<Account>(contested)).Append(new Deposited(i));
            stale.Add(session);
        }

        await test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        var (_, results) = await BehindOneAsync(fault, i => i switch
        {
            < 3 => stale[i].SaveChangesAsync(),
            3 or 4 => KeyedAsync(),
            5 => test.Journal.StartAsync(Guid.NewGuid(), new Garbled("{\"half\":"u8.ToArray())),
            6 => AnywhereAsync(),
            _ => test.Journal.StartAsync(Guid.NewGuid(), new Deposited(i), new Deposited(i)),
        });

        Assert.Single(results[..3], result => result is not null);
        Assert.Equal(results[3]!.FirstPosition, results[4]!.FirstPosition);
        Assert.Single(results[3..5], result => result!.Repeated);
        Assert.Null(results[5]);
        Assert.All(results[6..], Assert.NotNull);
        var rows = await Audit.HoldsAsync(test.Owner);
        var acknowledged = results.Where(result => result is { Repeated: false }).SelectMany(result => result!.Events).Select(at => at.EventId).ToList();
        Assert.Equal(acknowledged.Order(), rows.Select(row => row.Id).Intersect(acknowledged).Order());
        // Two of the beginning, one that made the node remember, one that was in front; all others were acknowledged.
        Assert.Equal(4, rows.Count - acknowledged.Count);
    }

    /// <summary>Sends one append that has to wait for the head's lock, then the followers; then the fault, then the lock is let go.</summary>
    /// <returns>When it was let go, and each follower's result, null where it was refused.</returns>
    private async Task<(DateTimeOffset Released, AppendResult?[] Results)> BehindOneAsync(Func<NpgsqlConnection, Task> fault, Func<int, Task<AppendResult>> follower)
    {
        await using var head = await test.Owner.OpenConnectionAsync();
        await using var transaction = await head.BeginTransactionAsync();
        await ExecuteAsync(head, "select from coffrefort.journal_head for update");
        var first = Task.Run(() => test.Journal.StartAsync(Guid.NewGuid(), new Deposited(0)));
        while (await test.ScalarAsync<long>("select count(*) from pg_stat_activity where datname = current_database() and application_name = 'coffrefort journal' and wait_event_type = 'Lock'") == 0)
            await Task.Yield();
        var followers = Enumerable.Range(0, Followers).Select(i => OutcomeAsync(follower(i))).ToArray();
        await fault(head);
        await using var clock = new NpgsqlCommand("select clock_timestamp()", head, transaction);
        var released = (DateTime)(await clock.ExecuteScalarAsync())!;
        await transaction.CommitAsync();
        await first;
        return (released, await Task.WhenAll(followers));
    }

    private static async Task<AppendResult?> OutcomeAsync(Task<AppendResult> append)
    {
        try
        {
            return await append;
        }
        catch (Exception failure) when (failure is ConcurrencyException or PostgresException)
        {
            return null;
        }
    }

    private Task<AppendResult> KeyedAsync()
    {
        var session = test.Journal.OpenSession(idempotencyKey: "once");
        session.StartStream<Account>(Guid.NewGuid(), new Deposited(1));
        return session.SaveChangesAsync();
    }

    private Task<AppendResult> AnywhereAsync()
    {
        var session = test.Journal.OpenSession();
        session.Append<Account>(Guid.NewGuid(), new Deposited(1));
        return session.SaveChangesAsync();
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
