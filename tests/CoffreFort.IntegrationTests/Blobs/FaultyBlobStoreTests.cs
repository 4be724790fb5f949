using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>Without a fault the wrapper keeps the contract; with one, it fails as told and leaves nothing behind.</summary>
public sealed class FaultyBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FaultyBlobStore store;

    public FaultyBlobStoreTests() => store = new FaultyBlobStore(new FileBlobStore(folder.Path));

    protected override IBlobStore Store => store;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(999)]
    public async Task a_write_that_fails_at_the_nth_byte_stores_nothing_even_if_the_failure_is_swallowed(int at)
    {
        store.FailWriteAt = at;
        await using (var upload = await store.BeginAsync(BlobName.New()))
        {
            await Assert.ThrowsAsync<BlobStoreFullException>(async () => await upload.Stream.WriteAsync(new byte[1000]));
            await Assert.ThrowsAsync<InvalidOperationException>(() => upload.CommitAsync());
        }
        Assert.Equal(1, store.Injected);
        Assert.Empty(folder.Files());
    }

    [Fact]
    public async Task a_failing_commit_stores_nothing()
    {
        store.FailCommit = true;
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.WriteNew([1]));
        Assert.Equal(1, store.Injected);
        Assert.Empty(folder.Files());
    }

    [Fact]
    public async Task a_commit_whose_answer_is_lost_leaves_a_blob_for_the_sweeper()
    {
        store.LoseCommitAnswer = true;
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.WriteNew([1]));
        Assert.Single(await store.ListAsync().ToListAsync());
    }

    [Fact]
    public async Task a_read_fails_at_the_nth_byte()
    {
        var name = await store.WriteNew(new byte[1000]);
        store.FailReadAt = 600;
        await using var stream = await store.OpenReadAsync(name);
        await stream.ReadExactlyAsync(new byte[600]);
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => stream.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task a_blob_goes_missing_and_a_store_goes_down()
    {
        var name = await store.WriteNew([1]);
        store.MissingOnRead = true;
        await Assert.ThrowsAsync<BlobNotFoundException>(() => store.OpenReadAsync(name));
        Assert.Null(await store.LengthAsync(name));
        store.Down = true;
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.LengthAsync(name));
        Assert.False((await store.ProbeAsync()).Writable);
        Assert.Equal(4, store.Injected);
    }
}
