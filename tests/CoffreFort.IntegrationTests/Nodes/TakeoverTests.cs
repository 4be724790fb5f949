using System.Collections.Concurrent;
using System.Diagnostics;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>A node that is killed takes nothing with it.</summary>
[Collection("many readers")]
public sealed class TakeoverTests(ThreeNodes nodes, ITestOutputHelper output) : IClassFixture<ThreeNodes>
{
    [Fact]
    [Trait("Requirement", "R-206")]
    [Trait("Requirement", "R-262")]
    public async Task when_the_node_that_runs_the_views_is_killed_the_others_write_on_and_take_them_over()
    {
        var running = await RunningViews.ReadAsync(nodes.Owner);
        var victim = nodes.All.Busiest(running);
        var name = victim.Name;
        var acknowledged = new ConcurrentBag<string>();
        using var stop = new CancellationTokenSource();
        var load = nodes.All.Select((node, index) => Task.Run(() => WriteAsync(index, acknowledged, stop.Token))).ToList();
        await ThreeNodes.UntilAsync(() => Task.FromResult(acknowledged.Count > 15));

        await victim.KillAsync();
        var since = Stopwatch.StartNew();
        var before = acknowledged.Count;
        await ThreeNodes.UntilAsync(() => Task.FromResult(acknowledged.Count > before + 15));
        output.WriteLine($"the others had written 15 documents {since.Elapsed.TotalSeconds:F1} s after the kill");
        await ThreeNodes.UntilAsync(async () => (await RunningViews.ReadAsync(nodes.Owner)).Values.Count(node => node != name) == running.Count);
        output.WriteLine($"{running.Count} views were taken over {since.Elapsed.TotalSeconds:F1} s after the kill");
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
}
