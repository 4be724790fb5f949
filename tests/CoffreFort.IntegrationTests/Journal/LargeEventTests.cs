using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Few events are large; however many of them stand together, they are read a few megabytes at a time, and all of them.</summary>
public sealed class LargeEventTests : IAsyncLifetime
{
    private const int Count = 60;

    // Random, so that PostgreSQL can't make less of it.
    private const int Length = 400_000;

    private RunningSubscriptions nodes = null!;

    public async Task InitializeAsync()
    {
        nodes = await RunningSubscriptions.CreateAsync();
        await nodes.Test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 10)]);
        for (var i = 0; i < Count; i++) await nodes.Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1, System.Security.Cryptography.RandomNumberGenerator.GetHexString(Length)));
        await nodes.Test.Journal.StartAsync(Guid.NewGuid(), [.. Enumerable.Repeat(new Deposited(1), 10)]);
    }

    public async Task DisposeAsync() => await nodes.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-205")]
    public async Task a_journal_of_large_events_is_read_between_any_two_positions()
    {
        foreach (var (after, until) in new (long, long)[] { (0, Count + 20), (0, 11), (10, 11), (9, 40), (40, 69), (69, 71), (Count + 19, Count + 20) })
        {
            var positions = await nodes.Test.Journal.ReadAllAsync(after, until).Select(stored => stored.Position).ToListAsync();
            Assert.Equal(Enumerable.Range(1, Count + 20).Select(i => (long)i).Where(i => i > after && i <= until), positions);
        }
    }

    [Fact]
    [Trait("Requirement", "R-251")]
    public async Task a_view_follows_and_is_rebuilt_with_a_few_of_them_in_memory_at_a_time()
    {
        var weighed = new Weighed();
        var subscriptions = nodes.Run(new Subscriptions(nodes.Test.Journal, nodes.Test.Application, [weighed]));
        Assert.True(await subscriptions.WaitForAsync(weighed.Name, Count + 20, TimeSpan.FromSeconds(60)));
        AssertSeen();

        var rebuilt = await subscriptions.RebuildAsync(weighed.Name);
        Assert.Equal((Count + 20L, Count + 20L), (rebuilt.Position, rebuilt.Events));
        AssertSeen();

        void AssertSeen()
        {
            Assert.Equal(Enumerable.Range(1, Count + 20).Select(i => (long)i), weighed.Batches.SelectMany(batch => batch.Positions));
            Assert.All(weighed.Batches, batch => Assert.InRange(batch.Bytes, 1, (8 << 20) + Length + 1000));
            weighed.Batches.Clear();
        }
    }

    private sealed class Weighed : ISubscription
    {
        public List<(List<long> Positions, long Bytes)> Batches { get; } = [];

        public string Name => "weighed";

        public int Version => 1;

        public IReadOnlyList<string> Tables => ["weighed"];

        public async Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation)
        {
            await using var command = new NpgsqlCommand("create table if not exists weighed ()", connection);
            await command.ExecuteNonQueryAsync(cancellation);
        }

        public Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation)
        {
            Batches.Add(([.. events.Select(stored => stored.Position)], events.Sum(stored => (long)stored.Data.Length)));
            return Task.CompletedTask;
        }
    }
}
