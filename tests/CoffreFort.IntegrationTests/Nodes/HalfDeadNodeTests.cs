using System.Diagnostics;
using System.Net.Http.Json;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Faults;
using CoffreFort.Server;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>A node that neither lives nor dies: it is frozen for longer than its turns last, and then goes on as if nothing had been.</summary>
[Collection("many readers")]
public sealed class HalfDeadNodeTests(ThreeNodes nodes, ITestOutputHelper output) : IClassFixture<ThreeNodes>
{
    private static readonly byte[] Content = [1, 2, 3];

    [Fact]
    [Trait("Requirement", "R-258")]
    [Trait("Requirement", "R-266")]
    public async Task what_it_ran_others_run_and_when_it_thaws_nothing_happens_twice()
    {
        var running = await RunningViews.ReadAsync(nodes.Owner);
        var frozen = nodes.All.Busiest(running);
        var others = nodes.All.Where(node => node != frozen).Select(node => nodes.Holder[nodes.All.ToList().IndexOf(node)]).ToList();

        // Frozen in the midst of work, its own writes and the views' batches included.
        var titles = new List<string>();
        var caught = Task.WhenAll(Enumerable.Range(0, 6).Select(i => nodes.DepositAsync(nodes.Holder[nodes.All.ToList().IndexOf(frozen)], Content, $"Gel-{i}")));
        await frozen.SignalAsync("STOP");
        var since = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++) await WriteAsync(others[i % 2], $"Pendant-{i}", titles);
        await ThreeNodes.UntilAsync(async () => (await RunningViews.ReadAsync(nodes.Owner)).Values.Count(name => name != frozen.Name) == running.Count);
        output.WriteLine($"{running.Count} views were taken over {since.Elapsed.TotalSeconds:F1} s after the node froze");
        for (var i = 20; i < 30; i++) await WriteAsync(others[i % 2], $"Pendant-{i}", titles);

        await frozen.SignalAsync("CONT");
        // What it had been asked before is answered one way or the other; what it acknowledges now is there.
        try
        {
            await caught;
        }
        catch (Exception failure) when (failure is HttpRequestException or Xunit.Sdk.XunitException)
        {
            output.WriteLine($"a request from before was refused: {failure.Message}");
        }

        for (var i = 30; i < 40; i++) await WriteAsync(nodes.Holder[i % 3], $"Après-{i}", titles);
        await ThreeNodes.UntilAsync(async () => (await RunningViews.ReadAsync(nodes.Owner)).Count == running.Count);
        await nodes.AllAppliedAsync();
        Assert.Empty(await ProjectionFold.DifferencesAsync(nodes.Owner));
        Assert.Empty((await JournalVerification.RunAsync(nodes.Owner)).Damages);
        await using var count = nodes.Owner.CreateCommand("select count(*) from coffrefort_views.document_list");
        var deposited = await nodes.Journal.ReadAllAsync().CountAsync(stored => stored.Type == "document_deposited");
        Assert.Equal((long)deposited, await count.ExecuteScalarAsync());
        Assert.True(deposited >= titles.Count);
    }

    [Fact]
    [Trait("Requirement", "R-266")]
    public async Task a_mutation_whose_node_is_killed_at_its_hour_takes_effect_once_by_the_others()
    {
        using var personnel = await nodes.First.AsAsync("personnel");
        var today = FrenchCalendar.DayOf(await nodes.Journal.NowAsync());
        using var announced = await personnel.PostAsJsonAsync("/api/v1/mutations", new { vault = nodes.Vault, to = "BST-29", effectiveOn = today.AddDays(1), order = "OM 2026-2" });
        var mutation = (Guid)(await ThreeNodes.BodyAsync(announced))["id"]!;
        var victim = nodes.All[0];
        foreach (var other in nodes.All.Skip(1)) await other.SignalAsync("STOP");
        await victim.KillAsync();
        await nodes.AdvanceAsync(today.AddDays(2).ToDateTime(TimeOnly.MinValue));
        Assert.DoesNotContain(await nodes.Journal.FetchStreamAsync(mutation), stored => stored.Body is MutationTookEffect);

        // Both awake to the same duty at the same moment.
        foreach (var other in nodes.All.Skip(1)) await other.SignalAsync("CONT");
        await ThreeNodes.UntilAsync(async () => (await nodes.Journal.FetchStreamAsync(mutation)).Any(stored => stored.Body is MutationTookEffect));
        // The dead one comes back, looks as well, and finds it done.
        await victim.StartAsync();
        await nodes.DepositAsync(nodes.Holder[0], Content);
        await nodes.AllAppliedAsync();
        Assert.Single(await nodes.Journal.FetchStreamAsync(mutation), stored => stored.Body is MutationTookEffect);
        Assert.Single(await nodes.Journal.FetchStreamAsync(Guid.Parse(nodes.Vault)), stored => stored.Body is SpaceAssigned assigned && assigned.Mutation == mutation);
    }

    private async Task WriteAsync(HttpClient holder, string title, List<string> titles)
    {
        await nodes.DepositAsync(holder, Content, title);
        titles.Add(title);
    }
}
