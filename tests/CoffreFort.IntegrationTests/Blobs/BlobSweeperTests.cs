using CoffreFort.IntegrationTests.Web;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.Logging.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs;

public sealed class BlobSweeperTests : IAsyncLifetime, IDisposable
{
    private static readonly TimeSpan Day = TimeSpan.FromHours(24);

    private readonly TemporaryFolder folder = new();
    private FaultyBlobStore store = null!;
    private readonly HashSet<BlobName> journal = [];
    private readonly List<int> batches = [];
    private readonly List<BlobName> forgotten = [];
    private readonly ShellClock clock = new();

    public async Task InitializeAsync() => store = new FaultyBlobStore(await StoredBlobs.NewStoreAsync(folder.Path));

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => folder.Dispose();

    [Fact]
    [Trait("Requirement", "R-220")]
    public async Task an_old_blob_without_an_event_is_deleted_and_one_with_an_event_is_kept()
    {
        var kept = await WriteReferenced(1);
        var orphan = await store.WriteNew(new byte[70]);
        clock.Ahead = Day + TimeSpan.FromMinutes(1);

        Assert.Equal(new SweepResult(2, 1, 70, 0, false), await Sweep());
        Assert.Null(await store.LengthAsync(orphan));
        Assert.Equal([orphan], forgotten);
        Assert.NotNull(await store.LengthAsync(kept[0]));
        Assert.Equal(new SweepResult(1, 0, 0, 0, false), await Sweep());
    }

    [Fact]
    public async Task a_blob_younger_than_the_minimum_age_is_not_even_asked_about()
    {
        await store.WriteNew([1]);
        clock.Ahead = Day - TimeSpan.FromMinutes(1);
        Assert.Equal(new SweepResult(), await Sweep());
        Assert.Empty(batches);
    }

    [Fact]
    public async Task the_journal_is_asked_in_batches()
    {
        await WriteReferenced((2 * BlobComparison.BatchSize) + 1);
        clock.Ahead = Day * 2;
        Assert.Equal((2 * BlobComparison.BatchSize) + 1, (await Sweep()).Examined);
        Assert.Equal([BlobComparison.BatchSize, BlobComparison.BatchSize, 1], batches);
    }

    [Fact]
    public async Task an_upload_under_way_is_never_swept()
    {
        var name = BlobName.New();
        await using var upload = await store.BeginAsync(name);
        await upload.Stream.WriteAsync(new byte[] { 1 });
        clock.Ahead = Day * 2;
        Assert.Equal(new SweepResult(), await Sweep());
        Assert.Equal(1, await upload.CommitAsync());
    }

    [Fact]
    [Trait("Requirement", "R-220")]
    public async Task a_journal_that_does_not_know_most_blobs_is_the_wrong_journal_and_nothing_is_deleted()
    {
        await WriteReferenced(BlobSweeper.SuspiciousFrom);
        journal.Clear();
        clock.Ahead = Day * 2;
        var result = await Sweep();
        Assert.True(result.Refused);
        Assert.Equal(0, result.Deleted);
        Assert.Equal(BlobSweeper.SuspiciousFrom, (await store.ListAsync().ToListAsync()).Count);
    }

    [Fact]
    public async Task when_the_journal_cannot_be_asked_nothing_is_deleted()
    {
        await store.WriteNew([1]);
        clock.Ahead = Day * 2;
        using var sweeper = new BlobSweeper(store, (_, _) => throw new TimeoutException(), ForgetAsync, clock, NullLogger<BlobSweeper>.Instance);
        await Assert.ThrowsAsync<TimeoutException>(() => sweeper.SweepAsync(Day));
        Assert.Single(await store.ListAsync().ToListAsync());
    }

    [Fact]
    public async Task a_blob_whose_keys_cannot_be_destroyed_stays_for_the_next_pass()
    {
        await store.WriteNew([1]);
        clock.Ahead = Day * 2;
        using var sweeper = new BlobSweeper(store, Referenced, (_, _) => throw new TimeoutException(), clock, NullLogger<BlobSweeper>.Instance);
        await Assert.ThrowsAsync<TimeoutException>(() => sweeper.SweepAsync(Day));
        Assert.Single(await store.ListAsync().ToListAsync());
        Assert.Equal(1, (await Sweep()).Deleted);
    }

    [Fact]
    public async Task what_cannot_be_deleted_is_counted_and_the_pass_goes_on()
    {
        await store.WriteNew([1]);
        await store.WriteNew([2]);
        clock.Ahead = Day * 2;
        using var sweeper = new BlobSweeper(store, (_, _) =>
        {
            store.Down = true;
            return Task.FromResult<IReadOnlySet<BlobName>>(journal);
        }, ForgetAsync, clock, NullLogger<BlobSweeper>.Instance);
        Assert.Equal(new SweepResult(2, 0, 0, 2, false), await sweeper.SweepAsync(Day));
    }

    [Fact]
    public async Task an_event_without_its_blob_is_found()
    {
        var names = await WriteReferenced(3);
        await store.DeleteAsync(names[1]);
        Assert.Equal([names[1]], await BlobComparison.EventsWithoutBlobsAsync(store, names.ToAsyncEnumerable()).ToListAsync());
    }

    private async Task<SweepResult> Sweep()
    {
        using var sweeper = new BlobSweeper(store, Referenced, ForgetAsync, clock, NullLogger<BlobSweeper>.Instance);
        return await sweeper.SweepAsync(Day);
    }

    private Task<IReadOnlySet<BlobName>> Referenced(IReadOnlyCollection<BlobName> names, CancellationToken cancellationToken)
    {
        batches.Add(names.Count);
        return Task.FromResult<IReadOnlySet<BlobName>>(names.Where(journal.Contains).ToHashSet());
    }

    private Task ForgetAsync(IReadOnlyCollection<BlobName> names, CancellationToken cancellationToken)
    {
        forgotten.AddRange(names);
        return Task.CompletedTask;
    }

    private async Task<List<BlobName>> WriteReferenced(int count)
    {
        var names = new List<BlobName>();
        for (var turn = 0; turn < count; turn++)
            names.Add(await store.WriteNew([1]));
        journal.UnionWith(names);
        return names;
    }
}
