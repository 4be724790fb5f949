using Azure.Storage;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>The contract over the real client and Azurite, and what is Azure's own.</summary>
public sealed class AzureBlobStoreTests : BlobStoreContract, IAsyncLifetime
{
    private BlobContainerClient container = null!;
    private AzureBlobStore store = null!;

    protected override IBlobStore Store => store;

    public async Task InitializeAsync()
    {
        container = (await Azurite.Shared).Connect(Azurite.NewContainer());
        store = new AzureBlobStore(container);
        Assert.Null(await store.OpenAsync());
    }

    public async Task DisposeAsync() => await container.DeleteIfExistsAsync();

    [Fact]
    public async Task a_list_of_many_pages_is_gone_through_to_its_end()
    {
        var names = new HashSet<BlobName>();
        for (var turn = 0; turn < 20; turn++)
            names.Add(await store.WriteNew([1]));
        var listed = await new AzureBlobStore(container, pageSize: 7).ListAsync().ToListAsync();
        Assert.Equal(20, listed.Count);
        Assert.Equal(names, listed.Select(entry => entry.Name).ToHashSet());
    }

    [Fact]
    public async Task what_is_not_ours_is_neither_listed_nor_removed()
    {
        var name = await store.WriteNew([1]);
        await container.UploadBlobAsync($"{name}.bak", BinaryData.FromString("not ours"));
        await container.UploadBlobAsync("notes.txt", BinaryData.FromString("not ours"));
        Assert.Equal([name], (await store.ListAsync().ToListAsync()).Select(entry => entry.Name));
        await store.DeleteAsync(name);
        Assert.True(await container.GetBlobClient($"{name}.bak").ExistsAsync());
    }

    [Fact]
    public async Task snapshots_are_erased_with_their_blob()
    {
        var name = await store.WriteNew([1, 2]);
        var snapshot = await container.GetBlobClient(name.ToString()).CreateSnapshotAsync();
        Assert.True(await store.DeleteAsync(name));
        Assert.False(await container.GetBlobClient(name.ToString()).WithSnapshot(snapshot.Value.Snapshot).ExistsAsync());
    }

    [Fact]
    public async Task a_container_that_is_gone_is_a_failing_store_and_not_a_store_without_blobs()
    {
        var name = await store.WriteNew([1]);
        await container.DeleteAsync();
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.OpenReadAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.LengthAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.DeleteAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.WriteNew([1]));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.ReadCheckpointAsync());
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(async () => await store.ListAsync().ToListAsync());
        var health = await store.ProbeAsync();
        Assert.False(health.Writable);
        Assert.Contains("ContainerNotFound", health.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_long_blob_goes_up_in_blocks_and_two_of_them_are_all_the_memory_it_takes()
    {
        var (step, name) = (new byte[1 << 20], BlobName.New());
        Random.Shared.NextBytes(step);
        using var held = new HeldBlocks();
        await using var upload = await new AzureBlobStore((await Azurite.Shared).Connect(container.Name, configure: held.Take)).BeginAsync(name);
        for (var turn = 0; turn < 7; turn++) await upload.Stream.WriteAsync(step);
        // One block is on its way and the next is full: nothing more is taken in.
        var waiting = upload.Stream.WriteAsync(step).AsTask();
        Assert.False(waiting.IsCompleted);
        held.LetGo();
        await waiting;
        await upload.Stream.WriteAsync(step);
        Assert.Equal(9 << 20, await upload.CommitAsync());
        Assert.Equal(3, (await container.GetBlockBlobClient(name.ToString()).GetBlockListAsync()).Value.CommittedBlocks.Count());
        Assert.Equal(step, await store.Read(name, 5 << 20, 1 << 20));
    }

    [Fact]
    public async Task a_write_that_waits_for_a_block_to_arrive_ends_when_its_caller_does_not_wait_any_more()
    {
        using var held = new HeldBlocks();
        using var patience = new CancellationTokenSource();
        var name = BlobName.New();
        await using (var upload = await new AzureBlobStore((await Azurite.Shared).Connect(container.Name, configure: held.Take)).BeginAsync(name))
        {
            // One block is on its way and will not arrive, and the next is full.
            var waiting = upload.Stream.WriteAsync(new byte[9 << 20], patience.Token).AsTask();
            Assert.False(waiting.IsCompleted);
            await patience.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting.WaitAsync(TimeSpan.FromSeconds(60)));
            await Assert.ThrowsAsync<InvalidOperationException>(() => upload.CommitAsync());
        }

        Assert.Null(await store.LengthAsync(name));
    }

    [Theory]
    [Trait("Requirement", "R-298")]
    [InlineData(1000)]
    [InlineData((8 << 20) + 1)]
    public async Task a_commit_whose_answer_is_lost_is_repeated_and_recognised(int length)
    {
        using var lost = new LostAnswers(request => request.Method == HttpMethod.Put && !request.RequestUri!.Query.Contains("comp=block&", StringComparison.Ordinal));
        var flaky = new AzureBlobStore((await Azurite.Shared).Connect(container.Name, configure: lost.Take));
        var name = BlobName.New();
        await flaky.Write(name, new byte[length]);
        Assert.Equal(1, lost.Count);
        Assert.Equal(length, await store.LengthAsync(name));
        await Assert.ThrowsAsync<BlobAlreadyExistsException>(() => flaky.Write(name, new byte[length]));
    }

    [Fact]
    public async Task a_container_that_can_not_be_used_keeps_the_server_from_starting_and_the_reason_is_said()
    {
        var azurite = await Azurite.Shared;
        var silent = new AzureBlobStore(azurite.Connect(container.Name, new Uri("http://127.0.0.1:9/")));
        Assert.Contains("Connection refused", await RefusalAsync(silent), StringComparison.Ordinal);

        var account = new BlobServiceClient(azurite.ConnectionString).Uri;
        var strange = new BlobContainerClient(new Uri($"{account}/{container.Name}"), new StorageSharedKeyCredential("coffrefort", "bm90IHRoZSBrZXk="));
        var refusal = await RefusalAsync(new AzureBlobStore(strange));
        Assert.Contains(container.Uri.ToString(), refusal, StringComparison.Ordinal);
        Assert.Contains("403", refusal, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', refusal);

        static async Task<string> RefusalAsync(AzureBlobStore store) => (await Assert.ThrowsAsync<Server.Unavailable>(
            () => new AzureBlobsAtStart(store, NullLogger<AzureBlobsAtStart>.Instance).StartingAsync(default))).Message;
    }

    [Fact]
    public async Task a_replaced_checkpoint_whose_answer_is_lost_is_recognised()
    {
        using var lost = new LostAnswers(request => request.Method == HttpMethod.Put);
        var flaky = new AzureBlobStore((await Azurite.Shared).Connect(container.Name, configure: lost.Take));
        Assert.True(await flaky.ReplaceCheckpointAsync("one\n", null));
        Assert.Equal(1, lost.Count);
        Assert.True(await flaky.ReplaceCheckpointAsync("two\n", (await store.ReadCheckpointAsync())!.Tag));
    }
}

public sealed class AzureCheckpointCopyTests : CheckpointCopyContract, IAsyncLifetime
{
    private AzureBlobStore store = null!;

    protected override IBlobStore Store => store;

    public async Task InitializeAsync() => store = await AzuriteStores.NewStoreAsync();

    public Task DisposeAsync() => Task.CompletedTask;
}
