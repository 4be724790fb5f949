using System.Diagnostics;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary><c>kill -9</c> at random instants of a mixed load: what was acknowledged is there once, and all that is stored fits together.</summary>
/// <remarks>The long forms are <c>scripts/chaos server</c> and <c>scripts/chaos postgres</c>.</remarks>
[Collection("faults")]
public sealed class KillTests(ITestOutputHelper output)
{
    /// <summary>Beyond what was asked for, until the kills have hit something.</summary>
    private const int MostRoundsMore = 40;

    private readonly ChaosSettings settings = ChaosSettings.Read();
    private readonly Stopwatch watch = Stopwatch.StartNew();

    [Fact]
    [Trait("Requirement", "R-231")]
    [Trait("Requirement", "R-262")]
    public async Task servers_killed_at_random_instants_keep_what_they_acknowledged()
    {
        var random = Begin();
        await using var server = await ServerProcess.StartAsync(3, await PostgresCluster.SharedDurable, "--demo:seed", "true", "--demo:story", "false");
        await using var run = await KillRun.BeginAsync(server, settings.Load, random);
        var starts = new List<Task<TimeSpan>>();
        await RepeatAsync(run, wanted: settings.Kills ?? 60, async () =>
        {
            // Two of three, so that the third goes on alone; or all.
            var victims = server.Nodes.OrderBy(_ => random.Next()).Take(random.Next(2, 4)).ToList();
            foreach (var victim in victims)
            {
                await Task.Delay(random.Next(10, settings.LongestPause));
                await victim.KillAsync();
                starts.Add(victim.StartAsync());
            }

            await Task.WhenAll(starts);
            return victims.Count;
        });
        var ready = (await Task.WhenAll(starts)).Order().ToList();
        Say($"ready again after {ready[ready.Count / 2].TotalSeconds:F1} s (median), {ready[^1].TotalSeconds:F1} s (longest)");
    }

    [Fact]
    [Trait("Requirement", "R-202")]
    [Trait("Requirement", "R-263")]
    public async Task a_database_killed_at_random_instants_keeps_what_was_acknowledged_and_the_servers_go_on_by_themselves()
    {
        var random = Begin();
        await using var cluster = await PostgresCluster.StartAsync(durable: true);
        await using var server = await ServerProcess.StartAsync(2, cluster, "--demo:seed", "true", "--demo:story", "false");
        await using var run = await KillRun.BeginAsync(server, settings.Load, random);
        await RepeatAsync(run, wanted: settings.Kills ?? 40, async () =>
        {
            await Task.Delay(random.Next(10, settings.LongestPause));
            await cluster.KillAsync();
            await cluster.RestartAsync(durable: true);
            return 1;
        });
    }

    private Random Begin()
    {
        var seed = settings.Seed ?? Random.Shared.Next(1_000_000_000);
        Say($"seed {seed}");
        return new Random(seed);
    }

    private async Task RepeatAsync(KillRun run, int wanted, Func<Task<int>> strike)
    {
        var (kills, rounds) = (0, 0);
        for (var more = 0; run.Faults.Count == 0 && (kills < wanted || (!run.ProvesSomething && more++ < MostRoundsMore));)
        {
            await run.RoundAsync(async () => kills += await strike(), thorough: settings.Kills is not null || rounds % 5 == 4);
            if (++rounds % 10 == 0 && run.Faults.Count == 0) Say($"{kills} of {wanted} kills in {watch.Elapsed.TotalSeconds:F0} s, all that must hold held");
        }

        await run.EndAsync();
        Say($"{kills} kills in {watch.Elapsed.TotalSeconds:F0} s; {run}");
        Assert.True(run.Faults.Count == 0, $"After {kills} kills:\n{string.Join('\n', run.Faults.Take(50))}");
        Assert.True(run.ProvesSomething, "No kill hit a write.");
    }

    // The console too: whoever watches the long form sees the seed before it ends.
    private void Say(string line)
    {
        output.WriteLine(line);
        if (settings.Kills is not null) Console.WriteLine(line);
    }
}
