using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>What <see cref="IBlobStore"/> promises of the copy of the last checkpoint, for every implementation.</summary>
public abstract class CheckpointCopyContract
{
    protected abstract IBlobStore Store { get; }

    [Fact]
    public async Task there_is_none_before_the_first_and_it_is_no_blob()
    {
        Assert.Null(await Store.ReadCheckpointAsync());
        Assert.True(await Store.ReplaceCheckpointAsync("one\n", null));
        Assert.Equal("one\n", (await Store.ReadCheckpointAsync())!.Note);
        await foreach (var entry in Store.ListAsync()) Assert.Fail($"{entry.Name} is listed.");
    }

    [Fact]
    public async Task only_whoever_has_read_the_last_one_replaces_it()
    {
        await Store.ReplaceCheckpointAsync("one\n", null);
        var read = (await Store.ReadCheckpointAsync())!.Tag;

        Assert.False(await Store.ReplaceCheckpointAsync("other\n", null));
        Assert.True(await Store.ReplaceCheckpointAsync("two\n", read));
        Assert.False(await Store.ReplaceCheckpointAsync("other\n", read));
        Assert.Equal("two\n", (await Store.ReadCheckpointAsync())!.Note);
    }

    [Fact]
    public async Task of_many_who_replace_the_same_one_succeeds()
    {
        await Store.ReplaceCheckpointAsync("first\n", null);
        var tag = (await Store.ReadCheckpointAsync())!.Tag;

        var replaced = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => Task.Run(() => Store.ReplaceCheckpointAsync($"by {i}\n", tag))));

        Assert.Single(replaced, true);
        Assert.Equal($"by {Array.IndexOf(replaced, true)}\n", (await Store.ReadCheckpointAsync())!.Note);
    }
}

public sealed class FileCheckpointCopyTests : CheckpointCopyContract, IDisposable
{
    private readonly TemporaryFolder folder = new();

    public FileCheckpointCopyTests() => Store = new FileBlobStore(folder.Path);

    protected override IBlobStore Store { get; }

    public void Dispose() => folder.Dispose();
}
