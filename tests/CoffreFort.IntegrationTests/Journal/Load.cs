using System.Collections.Concurrent;
using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>Callers that append without pause, and remember what they were told.</summary>
internal sealed class Load(EventStore.Journal[] nodes, int callers)
{
    private readonly ConcurrentBag<AppendResult> acknowledged = [];
    private readonly ConcurrentBag<Exception> failures = [];
    private int acknowledgements;
    private int started;

    public int Acknowledged => Volatile.Read(ref acknowledgements);

    public IReadOnlyCollection<Exception> Failures => failures;

    public Task RunAsync(CancellationToken stop) => Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(() => CallAsync(nodes[caller % nodes.Length], stop), CancellationToken.None)));

    /// <summary>Returns when this many more appends than now were acknowledged: the journal goes on by itself.</summary>
    public async Task GoesOnAsync(int more, TimeSpan within)
    {
        var wanted = Acknowledged + more;
        for (var deadline = DateTime.UtcNow + within; Acknowledged < wanted; await Task.Delay(5))
            Assert.True(DateTime.UtcNow < deadline, $"Only {Acknowledged} of {wanted} appends were acknowledged; the last failure: {failures.LastOrDefault()}");
    }

    /// <summary>What was acknowledged is there once and as it was told; what was not, at most once and whole.</summary>
    public async Task KeptAsync(TestJournal test)
    {
        var rows = (await Audit.HoldsAsync(test.Owner)).ToDictionary(row => row.Position);
        foreach (var result in acknowledged)
        {
            foreach (var (at, offset) in result.Events.Select((at, offset) => (at, offset)))
                Assert.Equal((at.EventId, at.StreamId, at.Version), (rows[result.FirstPosition + offset].Id, rows[result.FirstPosition + offset].StreamId, rows[result.FirstPosition + offset].Version));
        }

        var numbers = rows.Values.GroupBy(row => row.StreamId).Select(stream => stream.Select(row => System.Text.Encoding.UTF8.GetString(row.Data)).ToList()).ToList();
        Assert.All(numbers, stream => Assert.Equal(2, stream.Count));
        Assert.Equal(numbers.Count, numbers.Select(stream => stream[0]).Distinct().Count());
        Assert.Equal(acknowledged.Count, acknowledged.Select(result => result.FirstPosition).Distinct().Count());
        Assert.All(failures, failure => Assert.IsType<JournalUnavailableException>(failure));
    }

    private async Task CallAsync(EventStore.Journal node, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var number = Interlocked.Increment(ref started);
            try
            {
                acknowledged.Add(await node.StartAsync(Guid.NewGuid(), new Deposited(number, "first"), new Deposited(number, "second")));
                Interlocked.Increment(ref acknowledgements);
            }
            catch (Exception failure)
            {
                failures.Add(failure);
                await Task.Delay(5, CancellationToken.None);
            }
        }
    }
}
