using System.Reflection;
using CoffreFort.Cryptography;
using CoffreFort.Server.Keys;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>An unwrapped key is kept for five minutes at most, and what is cleared is zeros.</summary>
public sealed class KeysInMemoryTests : IAsyncLifetime
{
    private readonly MemoryRoot root = new();
    private readonly ManualClock clock = new();
    private KeyScene scene = null!;

    public async Task InitializeAsync() => scene = await KeyScene.CreateAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-382")]
    public async Task an_epoch_key_is_cleared_after_five_minutes_though_nobody_asks_again()
    {
        var node = scene.AddNode(root, clock: clock);
        var vault = await node.FillAsync(1);
        var key = Assert.Single(root.Unwrapped);
        clock.Advance(TimeSpan.FromMinutes(4));
        await node.AssertReadsAsync(vault);
        Assert.Single(root.Unwrapped);
        Assert.Contains(Memory(key), value => value != 0);

        clock.Advance(TimeSpan.FromMinutes(1));

        Assert.All(Memory(key), value => Assert.Equal(0, value));
        await node.AssertReadsAsync(vault);
        Assert.Equal(2, root.Unwrapped.Count);
    }

    [Fact]
    public async Task what_a_node_keeps_is_cleared_when_it_ends()
    {
        var node = scene.AddNode(root, clock: clock);
        await node.FillAsync(0);
        node.Epochs.Dispose();
        Assert.All(Memory(Assert.Single(root.Unwrapped)), value => Assert.Equal(0, value));
    }

    [Fact]
    [Trait("Requirement", "R-382")]
    public async Task a_new_epochs_key_stays_nowhere_outside_once_it_was_wrapped()
    {
        await scene.AddNode(root, clock: clock).FillAsync(0);
        Assert.All(Assert.Single(root.Given).ToArray(), value => Assert.Equal(0, value));
    }

    [Fact]
    public async Task who_asked_first_and_gives_up_takes_nothing_from_those_who_wait_for_the_same_key()
    {
        await scene.AddNode(root, clock: clock).FillAsync(0);
        var (epochs, epoch) = (scene.AddNode(root, clock: clock).Epochs, EpochEnd.Current(clock.GetUtcNow()));
        var ready = new TaskCompletionSource();
        root.Ready = ready.Task;
        using var leaving = new CancellationTokenSource();
        var (first, second) = (epochs.FindAsync(epoch, leaving.Token), epochs.FindAsync(epoch, default));
        await leaving.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        ready.SetResult();
        using var key = await second;
        Assert.NotNull(key);
    }

    /// <summary>The bytes themselves, where they lie: they are pinned, so there are no others.</summary>
    private static byte[] Memory(SecretKey key) => (byte[])typeof(SecretKey).GetField("_bytes", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(key)!;
}
