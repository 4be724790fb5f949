using System.Diagnostics;
using System.Globalization;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary><c>kill -9</c> of the server at random instants of a mixed load: what was acknowledged is there once, and all that is stored fits together.</summary>
/// <remarks>The long form is <c>scripts/chaos server --kills 60 [--seed N]</c>.</remarks>
public sealed class KillTests(ITestOutputHelper output)
{
    private const int FewestKills = 12;
    private static readonly TimeSpan shortForm = TimeSpan.FromSeconds(60);

    private readonly List<TimeSpan> starts = [];
    private int kills;

    [Fact]
    [Trait("Requirement", "R-231")]
    public async Task a_server_killed_at_random_instants_keeps_what_it_acknowledged()
    {
        var wanted = Setting("COFFREFORT_CHAOS_KILLS");
        var seed = Setting("COFFREFORT_CHAOS_SEED") ?? Random.Shared.Next(1_000_000_000);
        Say($"seed {seed}");
        var random = new Random(seed);
        await using var server = await ServerProcess.StartAsync("--demo:seed", "true");
        await using var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        using var holder = await server.AsAsync(LoadCheck.Holder);
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (await opened.Content.ReadFromJsonAsync<JsonObject>())!;
        var load = new MixedLoad((string)vault["id"]!, (string)vault["address"]!);
        var before = await LoadCheck.EventCountsAsync(owner);

        var watch = Stopwatch.StartNew();
        var faults = new List<string>();
        while (faults.Count == 0 && (wanted is { } count ? kills < count : kills < FewestKills || watch.Elapsed < shortForm))
            faults.AddRange(await RoundAsync(server, load, random, owner));
        if (faults.Count == 0)
        {
            faults.AddRange(await LoadCheck.FaultsAsync(load, server, [.. load.Documents]));
            faults.AddRange(await LoadCheck.CountFaultsAsync(load, server, before));
            faults.AddRange(await StorageCheck.FaultsAsync(server));
        }

        Report(load, watch.Elapsed);
        Assert.True(faults.Count == 0, $"After {kills} kills (COFFREFORT_CHAOS_SEED={seed}):\n{string.Join('\n', faults.Take(50))}");
        Assert.Contains(load.Deeds, deed => deed.IsUnknown);
        Assert.True(load.Reads > 0);
    }

    private async Task<List<string>> RoundAsync(ServerProcess server, MixedLoad load, Random random, NpgsqlDataSource owner)
    {
        var (deeds, documents) = (load.Deeds.Count, load.Documents.ToHashSet());
        var size = await SizeAsync(owner);
        var work = load.RunAsync(server, random.Next());
        await Task.Delay(random.Next(10, 1200));
        await server.KillAsync();
        await work;
        starts.Add(await server.StartAsync());
        kills++;
        await LoadCheck.SettleAsync(load, server, load.Deeds.Skip(deeds), random);
        var sample = load.Documents.Except(documents).Concat(documents.OrderBy(_ => random.Next()).Take(3));
        var faults = await LoadCheck.FaultsAsync(load, server, [.. sample]);
        if (kills % 3 == 0 || faults.Count > 0) faults.AddRange(await StorageCheck.FaultsAsync(server, size));
        return faults;
    }

    private void Report(MixedLoad load, TimeSpan elapsed)
    {
        var unknown = load.Deeds.Count(deed => deed.IsUnknown);
        var ordered = starts.Order().ToList();
        Say(string.Create(CultureInfo.InvariantCulture, $"""
            {kills} kills in {elapsed.TotalSeconds:F0} s; {load.Deeds.Count} writes, {load.Deeds.Count(deed => deed.Acknowledged)} acknowledged, {unknown} left unknown, {load.Deeds.Count(deed => deed.Refused is not null)} refused;
            {load.Documents.Count} deposits, {load.Requests.Count} requests, {load.Consents.Count} consents, {load.Consents.Values.Count(one => one.Revoke?.Acknowledged == true)} revoked, {load.Reads} reads;
            ready again after {ordered[ordered.Count / 2].TotalSeconds:F2} s (median), {ordered[^1].TotalSeconds:F2} s (longest)
            """));
    }

    // The console too: whoever watches the long form sees the seed before it ends.
    private void Say(string line)
    {
        output.WriteLine(line);
        Console.WriteLine(line);
    }

    private static async Task<long> SizeAsync(NpgsqlDataSource owner)
    {
        await using var command = owner.CreateCommand("select size from coffrefort.journal_head");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private static int? Setting(string name) => int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
