using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Streams that are fetched in one statement concern each other in nothing.</summary>
public sealed class FetchTogetherTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    public async Task each_gets_its_own_stream_and_what_is_the_matter_with_one_is_told_to_who_asked_for_it_alone()
    {
        var streams = Enumerable.Range(0, 40).Select(_ => Guid.NewGuid()).ToArray();
        for (var i = 0; i < streams.Length; i++) await test.Journal.StartAsync(streams[i], [.. Enumerable.Repeat(new Deposited(1), i + 1)]);
        var damaged = streams[7];
        await test.Owner.CreateCommand($"update coffrefort.mt_events set data = '{{\"Amount\":\"much\"}}' where stream_id = '{damaged}' and version = 3").ExecuteNonQueryAsync();

        var waiting = new List<(Guid Id, long Events, Task<EventStream<Account>> Fetched)>();
        Task<EventStream<Permit>> otherKind;
        using var impatient = new CancellationTokenSource();
        Task<EventStream<Account>> cancelled;
        await using (await HoldAllAsync())
        {
            // The first ones are on their way, and wait; all others go together.
            for (var i = 0; i < streams.Length; i++) waiting.Add((streams[i], i + 1, FetchAsync<Account>(streams[i])));
            for (var i = 0; i < 5; i++) waiting.Add((streams[3], 4, FetchAsync<Account>(streams[3])));
            waiting.Add((Guid.NewGuid(), 0, null!));
            waiting[^1] = waiting[^1] with { Fetched = FetchAsync<Account>(waiting[^1].Id) };
            otherKind = FetchAsync<Permit>(streams[5]);
            cancelled = test.Journal.OpenSession().FetchForWriting<Account>(streams[9], impatient.Token);
            await impatient.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => cancelled);
            Assert.DoesNotContain(waiting, one => one.Fetched.IsCompleted);
        }

        foreach (var (id, events, fetched) in waiting)
        {
            if (id == damaged) await Assert.ThrowsAsync<System.Text.Json.JsonException>(() => fetched);
            else Assert.Equal((events > 0, events, events), ((await fetched).Exists, (await fetched).Version, (await fetched).State.Balance));
        }

        Assert.Equal((false, Permit.Empty), ((await otherKind).Exists, (await otherKind).State));
    }

    [Fact]
    public async Task connections_that_were_closed_behind_its_back_are_replaced()
    {
        var id = Guid.NewGuid();
        await test.Journal.StartAsync(id, new Deposited(1));
        for (var time = 0; time < 3; time++)
        {
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => FetchAsync<Account>(id)));
            Assert.True(await test.TerminateAsync("coffrefort fetch") > 0);
            Assert.Equal(1, (await FetchAsync<Account>(id)).Version);
        }
    }

    [Fact]
    public async Task what_waits_when_the_journal_closes_is_refused_and_what_comes_later_too()
    {
        var id = Guid.NewGuid();
        await test.Journal.StartAsync(id, new Deposited(1));
        var node = test.AddNode();
        List<Task<EventStream<Account>>> waiting;
        Task closing;
        await using (await HoldAllAsync())
        {
            waiting = [.. Enumerable.Range(0, 10).Select(_ => node.OpenSession().FetchForWriting<Account>(id))];
            closing = node.DisposeAsync().AsTask();
        }

        await closing;
        var answers = waiting.Select(fetch => fetch.ContinueWith(ended => ended.Exception?.InnerException, TaskScheduler.Default)).ToList();
        var failures = await Task.WhenAll(answers).WaitAsync(Patience);
        Assert.Contains(failures, failure => failure is null);
        Assert.All(failures.Where(failure => failure is not null), failure => Assert.IsType<JournalUnavailableException>(failure));
        await Assert.ThrowsAsync<JournalUnavailableException>(() => node.OpenSession().FetchForWriting<Account>(id).WaitAsync(Patience));
    }

    private Task<EventStream<T>> FetchAsync<T>(Guid id)
        where T : class, IAggregate<T> => test.Journal.OpenSession().FetchForWriting<T>(id);

    /// <summary>No statement that reads events comes to an end before this is disposed of.</summary>
    private async Task<NpgsqlConnection> HoldAllAsync()
    {
        var connection = await test.Owner.OpenConnectionAsync();
        await using var hold = new NpgsqlCommand("begin; lock table coffrefort.mt_events in access exclusive mode", connection);
        await hold.ExecuteNonQueryAsync();
        return connection;
    }
}
