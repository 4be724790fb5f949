using System.Diagnostics;
using CoffreFort.Cryptography;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A rotation that is stopped between any two statements, or has everybody at work around it, loses nothing.</summary>
public sealed class InterruptedRotationTests : IAsyncLifetime
{
    private static readonly AsyncLocal<StatementCount?> Counting = new();

    private const int MostVaults = 8;

    private readonly MemoryRoot root = new();
    private KeyScene scene = null!;

    public async Task InitializeAsync() => scene = await KeyScene.CreateAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task a_rotation_stopped_before_any_of_its_statements_goes_on_and_is_recorded_once()
    {
        using var listener = Listen();
        var months = 0;
        var kept = await scene.AddNode(root).FillAsync(1);
        for (var stopAt = 1; ; stopAt++, months++)
        {
            var node = scene.AddNode(root);
            var (other, epoch) = (await node.FillAsync(2), EpochEnd.Current(scene.Clock.GetUtcNow()));
            var erased = other.Documents[0].Identity;
            await node.DestroyAsync(erased);
            scene.PassTheMonth();

            var wasStopped = await StopAsync(stopAt, cancellation => scene.AddNode(root).Rotation.RunAsync(Actor.Clockwork("test"), null, cancellation));
            await scene.AddNode(root).AssertReadsAsync(kept);
            await scene.AddNode(root).AssertReadsAsync(other, erased);

            var next = scene.AddNode(root);
            await next.RotateAsync();
            await next.AssertReadsAsync(kept);
            await next.AssertReadsAsync(other, erased);
            Assert.False(root.Holds(epoch));
            if (!wasStopped) break;
        }

        Assert.True(months > 20, $"Stopped only {months} times.");
        var acts = (await scene.ActsAsync()).Select(stored => stored.Body).ToList();
        var rotated = acts.OfType<KeyEpochRotated>().ToList();
        Assert.Equal(months + 1, rotated.Count);
        Assert.Equal(months + 1, acts.OfType<KeyEpochDestroyed>().Count());
        // Whatever was done before the stop counts too, and counts once: what was made this month is replaced, what is older is taken over.
        Assert.Equal(Enumerable.Range(1, months + 1).Select(vaults => ((long)vaults, 1L, 4L)), rotated.Select(one => (one.VaultKeys, one.Replaced, one.ObjectKeys)));
        Assert.All(rotated, one => Assert.Equal(one.VaultKeys + one.Replaced, one.Checked));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task other_keys_for_all_vaults_stopped_before_any_statement_go_on()
    {
        using var listener = Listen();
        var vault = await scene.AddNode(root).FillAsync(2);
        var runs = 0;
        for (var stopAt = 1; ; stopAt++, runs++)
        {
            var before = DateTimeOffset.UtcNow.AddMinutes(1);
            var wasStopped = await StopAsync(stopAt, cancellation => Rotation(scene.AddNode(root)).RunAsync(null, before, "test", Actor.CommandLine(), (_, _) => { }, cancellation));
            await scene.AddNode(root).AssertReadsAsync(vault);
            if (!wasStopped) break;
        }

        Assert.True(runs > 5, $"Stopped only {runs} times.");
        await Rotation(scene.AddNode(root)).RunAsync(Guid.Empty, DateTimeOffset.UtcNow, "records what waits", Actor.CommandLine(), (_, _) => { }, default);
        var generation = await scene.AddNode(root).GenerationAsync(vault.Id);
        // Each replacement is one act, whether its run was stopped or not.
        Assert.Equal(Enumerable.Range(2, generation - 1), (await scene.ActsAsync()).Select(stored => Assert.IsType<VaultKeyRotated>(stored.Body).Generation));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task who_opens_vaults_deposits_reads_and_erases_during_rotations_notices_nothing()
    {
        var nodes = new[] { scene.AddNode(root), scene.AddNode(root) };
        var vaults = new List<KeyScene.Vault>();
        for (var i = 0; i < 5; i++) vaults.Add(await nodes[0].FillAsync(2));
        using var done = new CancellationTokenSource();
        var people = nodes.SelectMany(node => new[] { LiveAsync(node, vaults, done.Token), LiveAsync(node, vaults, done.Token) }).ToList();
        try
        {
            for (var month = 0; month < 6; month++)
            {
                scene.PassTheMonth();
                await Task.WhenAll(nodes.Select(node => node.RotateAsync()));
                await Rotation(nodes[month % 2]).RunAsync(null, DateTimeOffset.UtcNow, "test", Actor.CommandLine(), (_, _) => { }, default);
            }
        }
        finally
        {
            await done.CancelAsync();
        }

        var lived = (await Task.WhenAll(people)).SelectMany(each => each).ToList();
        Assert.NotEmpty(lived);
        var fresh = scene.AddNode(root);
        foreach (var vault in vaults) await fresh.AssertReadsAsync(vault);
        foreach (var (vault, erased) in lived) await fresh.AssertReadsAsync(vault, [.. erased]);
    }

    /// <summary>Somebody opens vaults, deposits, erases one document, and reads their own and others', until told to end.</summary>
    private static async Task<List<(KeyScene.Vault Vault, DocumentIdentity[] Erased)>> LiveAsync(KeyScene.Node node, List<KeyScene.Vault> known, CancellationToken end)
    {
        await Task.Yield();
        var lived = new List<(KeyScene.Vault, DocumentIdentity[])>();
        while (!end.IsCancellationRequested)
        {
            await node.AssertReadsAsync(known[Random.Shared.Next(known.Count)]);
            foreach (var (old, gone) in lived) await node.AssertReadsAsync(old, gone);
            // The more there are, the longer a rotation takes, and the more there would be.
            if (lived.Count == MostVaults) continue;
            var vault = await node.FillAsync(2);
            var erased = vault.Documents[lived.Count % 2].Identity;
            await node.DestroyAsync(erased);
            lived.Add((vault, [erased]));
        }

        return lived;
    }

    private VaultRotation Rotation(KeyScene.Node node) => new(node.Source, node.Replacement, new KeyActs(node.Source, scene.Journal));

    /// <returns>False when it ended before that statement.</returns>
    private static async Task<bool> StopAsync(int before, Func<CancellationToken, Task> work)
    {
        using var stop = new CancellationTokenSource();
        var count = new StatementCount(before, stop);
        Counting.Value = count;
        try
        {
            await work(stop.Token);
            return false;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return true;
        }
        finally
        {
            Counting.Value = null;
        }
    }

    /// <summary>Npgsql tells of each statement in the context of whoever sends it.</summary>
    private static ActivityListener Listen()
    {
        var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Npgsql", Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
            ActivityStarted = _ => Counting.Value?.Next(),
        };
        ActivitySource.AddActivityListener(listener);
        return listener;
    }

    private sealed class StatementCount(int stopAt, CancellationTokenSource stop)
    {
        private int _count;

        public void Next()
        {
            if (Interlocked.Increment(ref _count) == stopAt) stop.Cancel();
        }
    }
}
