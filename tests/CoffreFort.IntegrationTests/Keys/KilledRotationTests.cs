using System.Diagnostics;
using CoffreFort.IntegrationTests.Faults;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>
/// <c>kill -9</c> of <c>coffrefort keys rotate</c> while it takes a month's keys over or ends it: the next run goes on, all opens at every moment, and the month is recorded once
/// with its whole counts. The long form is <c>scripts/chaos keys</c>.
/// </summary>
public sealed class KilledRotationTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Vaults = 60, KillsAMonth = 5;

    private readonly ChaosSettings settings = ChaosSettings.Read();
    private readonly List<KeyScene.Vault> vaults = [];
    private KeyScene scene = null!;

    public async Task InitializeAsync()
    {
        scene = await KeyScene.CreateAsync();
        for (var i = 0; i < Vaults; i++) vaults.Add(await scene.First.FillAsync(i % 10 == 0 ? 2 : 0));
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task a_rotation_killed_at_random_points_goes_on_and_is_recorded_once()
    {
        var seed = settings.Seed ?? Random.Shared.Next();
        var random = new Random(seed);
        var (wanted, kills, halfway, months) = (settings.Kills ?? KillsAMonth, 0, 0, 0);
        // One that was over before the kill came counts for nothing; another month makes up for it.
        while (kills < wanted && months < 4 * wanted)
        {
            var epoch = EpochEnd.Current(scene.Clock.GetUtcNow());
            // Of half of them a key below was destroyed: they are replaced, one after the other, and the rest taken over at once.
            await scene.Database.ExecuteAsync("update vault_keys set spent = hashtext(vault::text) % 2 = 0");
            var toReplace = await CountAsync("select count(*) from vault_keys where spent");
            scene.PassTheMonth();
            int[] points = [.. Enumerable.Range(0, KillsAMonth - 1).Select(_ => random.Next(1, (int)toReplace)).Order(), int.MaxValue];
            foreach (var point in points.Where(_ => kills < wanted))
            {
                if (await KillAtAsync(epoch, point)) kills++;
                if (await CountAsync($"select count(*) from vault_keys where epoch = {epoch}") is > 0 and < Vaults) halfway++;
                var fresh = scene.AddNode();
                foreach (var vault in random.GetItems(vaults.ToArray(), 15)) await fresh.AssertReadsAsync(vault);
            }

            await FinishAsync(epoch, toReplace);
            months++;
        }

        output.WriteLine($"{kills} kills in {months} months, {halfway} of them with keys below both epochs, seed {seed}");
        Assert.Equal(wanted, kills);
        Assert.True(halfway > 0, "No kill came while keys were taken over.");
    }

    /// <returns>False when it had ended by itself.</returns>
    private async Task<bool> KillAtAsync(int epoch, int replaced)
    {
        using var process = await StartAsync();
        // Gone: the epoch has ended, and its recording and its root key's destruction are to come.
        while (!process.HasExited && await CountAsync($"select coalesce((select replaced from epoch_keys where epoch = {epoch}), {int.MaxValue})") < replaced) await Task.Delay(1);
        var killed = !process.HasExited;
        process.Kill();
        await process.WaitForExitAsync();
        return killed && process.ExitCode != 0;
    }

    private async Task FinishAsync(int epoch, long toReplace)
    {
        for (var said = "a server is at it"; said.StartsWith("a server is at it", StringComparison.Ordinal);)
        {
            using var process = await StartAsync();
            var (complaints, told) = (process.StandardError.ReadToEndAsync(), await process.StandardOutput.ReadToEndAsync());
            await process.WaitForExitAsync();
            Assert.True(process.ExitCode == 0, $"{told}\n{await complaints}");
            said = told;
        }

        Assert.Equal(0, await CountAsync($"select count(*) from vault_keys where epoch = {epoch}") + await CountAsync($"select count(*) from epoch_keys where epoch = {epoch}") + await CountAsync("select count(*) from key_acts"));
        Assert.Equal(1, await CountAsync($"select count(*) from ended_epochs where epoch = {epoch} and gone_after is not null"));
        Assert.False(File.Exists(scene.EpochFile(epoch)));
        var acts = (await scene.ActsAsync()).Select(stored => stored.Body).ToList();
        var rotated = Assert.Single(acts.OfType<KeyEpochRotated>(), act => act.Epoch == epoch);
        Assert.Equal((Vaults - toReplace, toReplace, (long)Vaults), (rotated.VaultKeys, rotated.Replaced, rotated.Checked));
        Assert.Single(acts.OfType<KeyEpochDestroyed>(), act => act.Epoch == epoch);
        var fresh = scene.AddNode();
        foreach (var vault in vaults) await fresh.AssertReadsAsync(vault);
    }

    private async Task<Process> StartAsync()
    {
        string[] arguments = ["keys", "rotate", .. scene.Settings, "--set", $"Journal:ClockOffset={scene.Clock.Ahead:c}", "--set", "Keys:DestroyAfter=00:00:00"];
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "KILL", "dotnet", Repository.Built("CoffreFort.Server", "CoffreFort.Server.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        return await Launcher.StartAsync(start);
    }

    private async Task<long> CountAsync(string sql)
    {
        await using var command = scene.First.Source.Source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }
}
