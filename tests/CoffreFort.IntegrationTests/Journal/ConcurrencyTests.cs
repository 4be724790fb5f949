using System.Text;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class ConcurrencyTests
{
    [Fact]
    [Trait("Requirement", "R-201")]
    [Trait("Requirement", "R-208")]
    public async Task thirty_two_writers_on_two_nodes_leave_one_dense_order_in_which_only_the_bad_ones_are_missing()
    {
        await using var test = await TestJournal.CreateAsync();
        var nodes = new[] { test.Journal, test.AddNode() };
        var contested = Guid.NewGuid();
        await test.Journal.StartAsync(contested, new Deposited(1));
        using var done = new CancellationTokenSource();
        var observer = SeesEveryEventAsync(test, done.Token);

        var outcomes = await Task.WhenAll(Enumerable.Range(0, 32).Select(writer => Task.Run(async () =>
        {
            var outcomes = new List<(char Kind, AppendResult? Result, Exception? Failure)>();
            for (var i = 0; i < 25; i++)
            {
                var kind = "ggggcxz"[(writer + i) % 7];
                try
                {
                    outcomes.Add((kind, await OneAsync(nodes[writer % 2], kind, contested), null));
                }
                catch (Exception failure) when (failure is ConcurrencyException or PostgresException)
                {
                    outcomes.Add((kind, null, failure));
                }
            }

            return outcomes;
        })));
        await done.CancelAsync();

        var all = outcomes.SelectMany(one => one).ToList();
        Assert.All(all.Where(one => one.Kind == 'g'), one => Assert.NotNull(one.Result));
        Assert.All(all.Where(one => one.Kind is 'x' or 'z'), one => Assert.IsType<PostgresException>(one.Failure));
        Assert.Contains(all, one => one.Kind == 'c' && one.Result is not null);
        var rows = await Audit.HoldsAsync(test.Owner);
        Assert.Equal(
            rows.Select(row => row.Id).Skip(1).Order(),
            all.Where(one => one.Result is not null).SelectMany(one => one.Result!.Events).Select(at => at.EventId).Order());
        Assert.Equal(rows.Count, await observer);
    }

    /// <summary>g: good; c: contested version; x: not JSON; z: a NUL byte, which PostgreSQL refuses in any text.</summary>
    private static async Task<AppendResult> OneAsync(EventStore.Journal node, char kind, Guid contested) => kind switch
    {
        'c' => await node.AppendAsync(contested, new Deposited(1)),
        'x' => await node.StartAsync(Guid.NewGuid(), new Deposited(1), new Garbled("{\"half\":"u8.ToArray())),
        'z' => await node.StartAsync(Guid.NewGuid(), new Garbled(Encoding.UTF8.GetBytes("{\"a\":\"\0\"}"))),
        _ => await node.StartAsync(Guid.NewGuid(), new Deposited(1), new Deposited(2)),
    };

    /// <summary>A reader that only remembers the last position: it misses an event if any ever becomes visible behind it.</summary>
    private static async Task<long> SeesEveryEventAsync(TestJournal test, CancellationToken done)
    {
        long last = 0;
        for (var finalRound = false; ; finalRound = done.IsCancellationRequested)
        {
            await foreach (var stored in test.Journal.ReadAllAsync(after: last, cancellation: CancellationToken.None))
                Assert.Equal(++last, stored.Position);
            if (finalRound) return last;
        }
    }
}
