using System.Diagnostics;
using System.Globalization;
using CoffreFort.Server.Operations.Integrity;
using Npgsql;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>One random bit at a time is flipped in everything that is stored, and fsck names what it was flipped in.</summary>
/// <remarks>The long form is <c>scripts/chaos bitflips --flips 1000 [--seed N]</c>.</remarks>
public sealed class BitFlipTests(ITestOutputHelper output)
{
    private const int ShortForm = 120;
    private const int AllEvery = 40;

    private readonly SortedDictionary<string, int> flips = new(StringComparer.Ordinal);

    [Fact]
    [Trait("Requirement", "R-295")]
    public async Task every_flipped_bit_is_named()
    {
        var wanted = Setting("COFFREFORT_CHAOS_FLIPS") ?? ShortForm;
        var seed = Setting("COFFREFORT_CHAOS_SEED") ?? Random.Shared.Next(1_000_000_000);
        Say($"seed {seed}");
        var random = new Random(seed);
        var watch = Stopwatch.StartNew();
        await using var store = await StoppedStore.TellAsync();
        await AssertCleanAsync(store, null);
        for (var done = 0; done < wanted; done++)
        {
            var all = done % AllEvery == 0;
            if (random.Next(8) == 0) await FlipFileAsync(store, random, all);
            else await FlipRowAsync(store, random, all);
        }

        await AssertCleanAsync(store, null);
        Say($"{wanted} flips in {watch.Elapsed.TotalSeconds:F0} s: {string.Join(", ", flips.Select(pair => $"{pair.Key} {pair.Value}"))}");
    }

    private async Task FlipRowAsync(StoppedStore store, Random random, bool all)
    {
        while (true)
        {
            var (owner, columns) = store.Choose(random);
            var flip = columns[random.Next(columns.Count)];
            if (!await flip.TryAsync(owner, random)) continue;
            if (flip.Table == "coffrefort.mt_event_progression" && await IsPlausibleCursorAsync(owner, flip))
            {
                await flip.BackAsync(owner);
                continue;
            }

            Count(flip.Bare);
            var area = StoppedStore.AreaOf(flip);
            var findings = await store.FindAsync(all ? null : area);
            Assert.True(findings.Any(finding => finding.Kind == Finding.Kinds.Damaged && flip.IsNamedBy(finding.Thing)),
                $"Not named: {flip.Done}. Found:\n{string.Join('\n', findings)}");
            await flip.BackAsync(owner);
            if (all) await AssertCleanAsync(store, area);
            return;
        }
    }

    /// <summary>A cursor that stands a little too low or too high looks like a view that is behind: the view is compared as of there, and differs or doesn't.</summary>
    private static async Task<bool> IsPlausibleCursorAsync(NpgsqlConnection owner, BitFlip flip)
    {
        if (flip.Column != "last_seq_id") return false;
        await using var command = new NpgsqlCommand(
            "select bool_and(last_seq_id between 0 and size) from coffrefort.mt_event_progression, coffrefort.journal_head", owner);
        return (bool)(await command.ExecuteScalarAsync())!;
    }

    private async Task FlipFileAsync(StoppedStore store, Random random, bool all)
    {
        var names = await store.Blobs.NamesAsync();
        var copy = random.Next(3) == 0;
        var name = copy ? StoredBlobs.Checkpoint : names[random.Next(names.Count)];
        Count(copy ? "copy of the checkpoint" : "blob");
        var bit = random.NextInt64((await store.Blobs.ReadAsync(name))!.Length * 8L);
        await store.Blobs.FlipAsync(name, bit);
        var findings = await store.FindAsync(all ? null : copy ? Areas.Log : Areas.Blobs);
        Assert.True(findings.Any(finding => finding.Kind == Finding.Kinds.Damaged && finding.Thing == $"blob {name}"),
            $"Not named: bit {bit} of {name}. Found:\n{string.Join('\n', findings)}");
        await store.Blobs.FlipAsync(name, bit);
    }

    private static async Task AssertCleanAsync(StoppedStore store, string? area)
    {
        var findings = await store.FindAsync(area);
        Assert.True(findings.Count == 0, string.Join('\n', findings));
    }

    private void Count(string table) => flips[table] = flips.GetValueOrDefault(table) + 1;

    private void Say(string line) => output.WriteLine(line);

    private static int? Setting(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
}
