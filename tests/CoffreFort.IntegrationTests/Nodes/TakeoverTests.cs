using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>A node that is killed takes nothing with it.</summary>
[Collection("many readers")]
public sealed class TakeoverTests(ThreeNodes nodes, ITestOutputHelper output) : IClassFixture<ThreeNodes>
{
    // Whoever holds a view's lock runs it; a node that died may still be written down.
    private const string Running = """
        select node, count(*) from coffrefort.subscriptions
        where node is not null and hashtextextended('coffrefort:' || name, 0) in (select classid::bigint << 32 | objid::bigint from pg_locks where locktype = 'advisory' and granted)
        group by 1
        """;

    [Fact]
    [Trait("Requirement", "R-206")]
    [Trait("Requirement", "R-262")]
    public async Task when_the_node_that_runs_the_views_is_killed_the_others_write_on_and_take_them_over()
    {
        var running = await RunningAsync();
        var all = running.Values.Sum();
        Assert.True(all > 0, "No view runs anywhere.");
        var victim = nodes.All.MaxBy(node => running.GetValueOrDefault(node.Name))!;
        var name = victim.Name;
        Assert.True(running.ContainsKey(name), "Another than these three nodes runs the views.");
        var acknowledged = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var load = nodes.All.Select((node, index) => Task.Run(() => WriteAsync(index, acknowledged, stop.Token))).ToList();
        await UntilAsync(() => Task.FromResult(acknowledged.Count > 15));

        await victim.KillAsync();
        var since = Stopwatch.StartNew();
        var before = acknowledged.Count;
        await UntilAsync(() => Task.FromResult(acknowledged.Count > before + 15));
        output.WriteLine($"the others had written 15 documents {since.Elapsed.TotalSeconds:F1} s after the kill");
        await UntilAsync(async () => (await RunningAsync()).Where(one => one.Key != name).Sum(one => one.Value) == all);
        output.WriteLine($"{all} views were taken over {since.Elapsed.TotalSeconds:F1} s after the kill");
        await stop.CancelAsync();
        await Task.WhenAll(load);

        // What was acknowledged by the dead one too: the survivors show all of it.
        var survivor = nodes.Holder[nodes.All.ToList().FindIndex(node => node != victim)];
        var listed = await TitlesAsync(survivor);
        Assert.All(acknowledged, title => Assert.Equal(1, listed.Count(one => one == title)));
        Assert.Empty((await EventStore.JournalVerification.RunAsync(nodes.Owner)).Damages);
        await victim.StartAsync();
        await nodes.DepositAsync(nodes.Holder[nodes.All.ToList().IndexOf(victim)], [1, 2, 3]);
    }

    private async Task WriteAsync(int node, ConcurrentBag<string> acknowledged, CancellationToken stop)
    {
        for (var i = 0; !stop.IsCancellationRequested; i++)
        {
            var title = $"Relais-{node}-{i}";
            try
            {
                await nodes.DepositAsync(nodes.Holder[node], [1, 2, 3], title);
                acknowledged.Add(title);
            }
            catch (HttpRequestException)
            {
                // This is the one that was killed.
                return;
            }
        }
    }

    private async Task<List<string>> TitlesAsync(HttpClient holder)
    {
        var titles = new List<string>();
        for (var path = $"/api/v1/vaults/{nodes.Vault}/documents?limit=200"; path is not null;)
        {
            using var answer = await holder.GetAsync(path);
            var page = await ThreeNodes.BodyAsync(answer);
            titles.AddRange(page["items"]!.AsArray().Select(item => (string)item!["title"]!));
            path = (string?)page["next"];
        }

        return titles;
    }

    private async Task<Dictionary<string, long>> RunningAsync()
    {
        await using var command = nodes.Owner.CreateCommand(Running);
        await using var reader = await command.ExecuteReaderAsync();
        var running = new Dictionary<string, long>();
        while (await reader.ReadAsync()) running.Add(reader.GetString(0), reader.GetInt64(1));
        return running;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await holds(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 30 seconds.");
    }
}
