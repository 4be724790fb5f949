using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Nodes;
using Npgsql;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>Two real servers over one database: what one runs, the other runs seconds after its <c>kill -9</c>.</summary>
public sealed class TakeoverTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Requirement", "R-258")]
    public async Task another_node_runs_every_view_within_ten_seconds_of_a_kill_and_misses_no_event()
    {
        await using var first = await ServerProcess.StartAsync(2, await PostgresCluster.SharedDurable);
        var second = first.Nodes[1];
        await using var owner = NpgsqlDataSource.Create(first.JournalDatabase.OwnerConnectionString);
        var views = await WaitForAsync(async () => (await RunningViews.ReadAsync(owner)).Count, count => count >= 10);
        // The one that runs more of them dies; the other runs all afterwards.
        var victim = first.Nodes.Busiest(await RunningViews.ReadAsync(owner));
        var survivor = victim == first ? second : first;
        using var holder = await survivor.AsAsync("holder");
        var load = OpenAsync(holder, "holder");
        var watch = Stopwatch.StartNew();
        await victim.KillAsync();

        await WaitForAsync(async () => (await RunningViews.ReadAsync(owner)).Values.Count(node => node == survivor.Name), count => count >= views);
        var took = watch.Elapsed;
        output.WriteLine($"Taken over after {took.TotalSeconds:F1} s.");
        Assert.True(took < TimeSpan.FromSeconds(10), $"It took {took.TotalSeconds:F1} s.");

        await load;
        for (var i = 0; i < 3; i++) await OpenAsync(holder, "holder");
        var size = await ScalarAsync<long>(owner, "select size from coffrefort.journal_head");
        await WaitForAsync(() => ScalarAsync<long>(owner, "select min(last_seq_id) from coffrefort.mt_event_progression"), position => position >= size);
        Assert.Empty(await ProjectionFold.DifferencesAsync(owner));
    }

    private static async Task OpenAsync(HttpClient holder, string what)
    {
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"];
        using var deposited = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title={what}", new ByteArrayContent(new byte[1000]));
        deposited.EnsureSuccessStatusCode();
    }

    private static async Task<long> WaitForAsync(Func<Task<long>> look, Func<long, bool> wanted)
    {
        var deadline = DateTime.UtcNow.AddSeconds(40);
        while (true)
        {
            var found = await look();
            if (wanted(found)) return found;
            Assert.True(DateTime.UtcNow < deadline, $"Still {found} after 40 s.");
            await Task.Delay(50);
        }
    }

    private static async Task<T> ScalarAsync<T>(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }
}
