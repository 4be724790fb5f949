using System.Reflection;
using CoffreFort.Cryptography;

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

    /// <summary>The bytes themselves, where they lie: they are pinned, so there are no others.</summary>
    private static byte[] Memory(SecretKey key) => (byte[])typeof(SecretKey).GetField("_bytes", BindingFlags.Instance | BindingFlags.NonPublic)!.GetValue(key)!;
}
