using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Subscriptions that run over a journal of their own, on one node or several, until it is disposed of; and what their ledgers hold.</summary>
internal sealed class RunningSubscriptions : IAsyncDisposable
{
    /// <summary>Small batches and short pauses.</summary>
    public static readonly SubscriptionOptions Brisk = new()
    {
        BatchSize = 20, RebuildBatchSize = 50, PollEvery = TimeSpan.FromMilliseconds(200), RetryAfter = TimeSpan.FromMilliseconds(100),
    };

    private readonly CancellationTokenSource stop = new();
    private readonly List<Task> running = [];

    private RunningSubscriptions(TestJournal journal) => Test = journal;

    public TestJournal Test { get; }

    public static async Task<RunningSubscriptions> CreateAsync() => new(await TestJournal.CreateAsync());

    /// <summary>On the first node.</summary>
    public Subscriptions Run(params ISubscription[] all) => Run(Test.Journal, Test.Application, all);

    /// <summary>On another node.</summary>
    public Subscriptions Run(EventStore.Journal journal, NpgsqlDataSource source, params ISubscription[] all) => Run(new Subscriptions(journal, source, all, Brisk));

    public Subscriptions Run(Subscriptions subscriptions)
    {
        running.Add(subscriptions.RunAsync(stop.Token));
        return subscriptions;
    }

    /// <summary>A <see cref="Ledger"/> that may stumble does at these from now on.</summary>
    public async Task PoisonAsync(params long[] positions)
    {
        await Test.ExecuteAsync($"create table if not exists coffrefort_views.poison (position bigint); grant select on coffrefort_views.poison to {PostgresCluster.ApplicationRole}");
        foreach (var position in positions) await Test.ExecuteAsync($"insert into coffrefort_views.poison values ({position})");
    }

    public Task MendAsync(long position) => Test.ExecuteAsync($"delete from coffrefort_views.poison where position = {position}");

    /// <summary>The positions that took effect, in the order in which they did.</summary>
    public async Task<List<long>> LedgerAsync(string name)
    {
        await using var command = Test.Owner.CreateCommand($"select position from coffrefort_views.ledger_{name} order by entry");
        await using var reader = await command.ExecuteReaderAsync();
        var positions = new List<long>();
        while (await reader.ReadAsync()) positions.Add(reader.GetInt64(0));
        return positions;
    }

    public static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    public static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await holds(); await Task.Delay(5))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 30 seconds.");
    }

    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(running).WaitAsync(TimeSpan.FromSeconds(20));
        stop.Dispose();
        await Test.DisposeAsync();
    }
}
