using System.Diagnostics;
using System.Net.Http.Json;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Faults;
using CoffreFort.Server;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Vaults;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>A node that neither lives nor dies: it is frozen for longer than its turns last, and then goes on as if nothing had been.</summary>
[Collection("many readers")]
public sealed class HalfDeadNodeTests(ThreeNodes nodes, ITestOutputHelper output) : IClassFixture<ThreeNodes>
{
    private const string Running = """
        select s.node, count(*) from coffrefort.subscriptions s join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
            and l.database = (select oid from pg_database where datname = current_database()) and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('coffrefort:' || s.name, 0)
        group by 1
        """;

    private static readonly byte[] Content = [1, 2, 3];

    [Fact]
    [Trait("Requirement", "R-258")]
    [Trait("Requirement", "R-266")]
    public async Task what_it_ran_others_run_and_when_it_thaws_nothing_happens_twice()
    {
        var running = await RunningAsync();
        var all = running.Values.Sum();
        var frozen = nodes.All.MaxBy(node => running.GetValueOrDefault(node.Name))!;
        var others = nodes.All.Where(node => node != frozen).Select(node => nodes.Holder[nodes.All.ToList().IndexOf(node)]).ToList();
        Assert.True(running.ContainsKey(frozen.Name), "Another than these three nodes runs the views.");

        // Frozen in the midst of work, its own writes and the views' batches included.
        var titles = new List<string>();
        var caught = Task.WhenAll(Enumerable.Range(0, 6).Select(i => nodes.DepositAsync(nodes.Holder[nodes.All.ToList().IndexOf(frozen)], Content, $"Gel-{i}")));
        await SignalAsync(frozen, "STOP");
        var since = Stopwatch.StartNew();
        for (var i = 0; i < 20; i++) await WriteAsync(others[i % 2], $"Pendant-{i}", titles);
        await UntilAsync(async () => (await RunningAsync()).Where(one => one.Key != frozen.Name).Sum(one => one.Value) == all);
        output.WriteLine($"{all} views were taken over {since.Elapsed.TotalSeconds:F1} s after the node froze");
        for (var i = 20; i < 30; i++) await WriteAsync(others[i % 2], $"Pendant-{i}", titles);

        await SignalAsync(frozen, "CONT");
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
        await UntilAsync(async () => (await RunningAsync()).Values.Sum() == all);
        await AllAppliedAsync();
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
        foreach (var other in nodes.All.Skip(1)) await SignalAsync(other, "STOP");
        await victim.KillAsync();
        await AdvanceAsync(today.AddDays(2));
        Assert.DoesNotContain(await nodes.Journal.FetchStreamAsync(mutation), stored => stored.Body is MutationTookEffect);

        // Both awake to the same duty at the same moment.
        foreach (var other in nodes.All.Skip(1)) await SignalAsync(other, "CONT");
        await UntilAsync(async () => (await nodes.Journal.FetchStreamAsync(mutation)).Any(stored => stored.Body is MutationTookEffect));
        // The dead one comes back, looks as well, and finds it done.
        await victim.StartAsync();
        await nodes.DepositAsync(nodes.Holder[0], Content);
        await AllAppliedAsync();
        Assert.Single(await nodes.Journal.FetchStreamAsync(mutation), stored => stored.Body is MutationTookEffect);
        Assert.Single(await nodes.Journal.FetchStreamAsync(Guid.Parse(nodes.Vault)), stored => stored.Body is SpaceAssigned assigned && assigned.Mutation == mutation);
    }

    private async Task WriteAsync(HttpClient holder, string title, List<string> titles)
    {
        await nodes.DepositAsync(holder, Content, title);
        titles.Add(title);
    }

    private async Task AdvanceAsync(DateOnly day)
    {
        await using var ahead = new EventStore.Journal(nodes.Owner, JournalEvents.Registry, new JournalOptions { ClockOffset = day.ToDateTime(TimeOnly.MinValue) - DateTime.UtcNow });
        var session = ahead.OpenSession();
        session.Append<Audit>(Guid.CreateVersion7(), new AuditQueried("drill", Guid.Empty, null));
        await session.SaveChangesAsync();
    }

    private Task AllAppliedAsync() => UntilAsync(async () =>
    {
        await using var behind = nodes.Owner.CreateCommand("select count(*) from coffrefort.mt_event_progression p, coffrefort.journal_head h where p.last_seq_id < h.size");
        return (long)(await behind.ExecuteScalarAsync())! == 0;
    });

    private async Task<Dictionary<string, long>> RunningAsync()
    {
        await using var command = nodes.Owner.CreateCommand(Running);
        await using var reader = await command.ExecuteReaderAsync();
        var running = new Dictionary<string, long>();
        while (await reader.ReadAsync()) running.Add(reader.GetString(0), reader.GetInt64(1));
        return running;
    }

    private static async Task SignalAsync(ServerProcess node, string signal)
    {
        using var kill = Process.Start("kill", [$"-{signal}", node.ProcessId.ToString(System.Globalization.CultureInfo.InvariantCulture)]);
        await kill.WaitForExitAsync();
        Assert.Equal(0, kill.ExitCode);
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(120); !await holds(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within two minutes.");
    }
}
