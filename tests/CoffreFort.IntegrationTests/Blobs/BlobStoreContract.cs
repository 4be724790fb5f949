using System.Security.Cryptography;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>What <see cref="IBlobStore"/> promises, for every implementation: derive, hand over a fresh and empty store.</summary>
public abstract class BlobStoreContract
{
    protected abstract IBlobStore Store { get; }

    [Fact]
    public async Task a_blob_is_visible_only_after_its_commit()
    {
        var name = BlobName.New();
        await using var upload = await Store.BeginAsync(name);
        await upload.Stream.WriteAsync(new byte[100_000]);
        await AssertMissing(name);
        Assert.Equal(100_000, await upload.CommitAsync());
        Assert.Equal(100_000, await Store.LengthAsync(name));
        Assert.Equal(new byte[100_000], await Store.Read(name));
    }

    [Fact]
    public async Task an_aborted_upload_leaves_nothing_and_its_name_free()
    {
        var name = BlobName.New();
        await using (var upload = await Store.BeginAsync(name))
        {
            await upload.Stream.WriteAsync(new byte[1000]);
            await upload.DisposeAsync();
        }

        await AssertMissing(name);
        await Store.Write(name, [1, 2, 3]);
        Assert.Equal([1, 2, 3], await Store.Read(name));
    }

    [Fact]
    public async Task many_writes_of_any_size_read_back_as_one_content()
    {
        var content = RandomNumberGenerator.GetBytes(5_000_000);
        var name = BlobName.New();
        await using (var upload = await Store.BeginAsync(name))
        {
            int[] steps = [1, 16_400, 0, 1 << 20, 3, 2_500_000];
            var at = 0;
            for (var turn = 0; at < content.Length; turn++)
            {
                var step = Math.Min(steps[turn % steps.Length], content.Length - at);
                await upload.Stream.WriteAsync(content.AsMemory(at, step));
                at += step;
            }
            Assert.Equal(content.Length, await upload.CommitAsync());
        }
        Assert.Equal(content, await Store.Read(name));
    }

    [Fact]
    public async Task closing_the_stream_neither_commits_nor_aborts()
    {
        var name = BlobName.New();
        await using var upload = await Store.BeginAsync(name);
        await using (var writer = upload.Stream)
            await writer.WriteAsync(new byte[] { 7 });
        await AssertMissing(name);
        await upload.CommitAsync();
        Assert.Equal([7], await Store.Read(name));
    }

    [Fact]
    [Trait("Requirement", "R-218")]
    public async Task a_name_exists_once_and_the_second_writer_changes_nothing()
    {
        var name = BlobName.New();
        await Store.Write(name, [1]);
        await Assert.ThrowsAsync<BlobAlreadyExistsException>(() => Store.Write(name, [2, 2]));
        Assert.Equal([1], await Store.Read(name));
    }

    [Fact]
    public async Task of_concurrent_writers_of_one_name_exactly_one_wins_and_its_content_stays()
    {
        for (var round = 0; round < 20; round++)
        {
            var name = BlobName.New();
            var outcomes = await Task.WhenAll(Enumerable.Range(0, 16).Select(writer => Task.Run(async () =>
            {
                try
                {
                    await Store.Write(name, Enumerable.Repeat((byte)writer, 10_000 + writer).ToArray());
                    return writer;
                }
                catch (BlobAlreadyExistsException)
                {
                    return -1;
                }
            })));
            var winner = Assert.Single(outcomes, outcome => outcome >= 0);
            Assert.Equal(Enumerable.Repeat((byte)winner, 10_000 + winner), await Store.Read(name));
        }
    }

    [Fact]
    public async Task an_upload_is_committed_once()
    {
        await using var upload = await Store.BeginAsync(BlobName.New());
        await upload.CommitAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => upload.CommitAsync());
    }

    [Fact]
    public async Task a_cancelled_write_spoils_the_upload()
    {
        var name = BlobName.New();
        await using var upload = await Store.BeginAsync(name);
        await upload.Stream.WriteAsync(new byte[10]);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
            await upload.Stream.WriteAsync(new byte[10], new CancellationToken(canceled: true)));
        await Assert.ThrowsAsync<InvalidOperationException>(() => upload.CommitAsync());
        await AssertMissing(name);
    }

    [Theory]
    [InlineData(0, null, 0, 1000)]
    [InlineData(0, 10L, 0, 10)]
    [InlineData(990, null, 990, 10)]
    [InlineData(400, 200L, 400, 200)]
    [InlineData(999, 5L, 999, 1)]
    [InlineData(1000, null, 0, 0)]
    [InlineData(1001, 1L, 0, 0)]
    [InlineData(500, 0L, 0, 0)]
    [InlineData(long.MaxValue, null, 0, 0)]
    [InlineData(long.MaxValue, long.MaxValue, 0, 0)]
    [InlineData(1, long.MaxValue, 1, 999)]
    public async Task a_range_is_clipped_to_the_blob(long offset, long? length, int from, int count)
    {
        var content = RandomNumberGenerator.GetBytes(1000);
        var name = BlobName.New();
        await Store.Write(name, content);
        Assert.Equal(content.AsSpan(from, count).ToArray(), await Store.Read(name, offset, length));
    }

    [Fact]
    public async Task a_negative_range_is_a_mistake_of_the_caller()
    {
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.OpenReadAsync(BlobName.New(), -1));
        await Assert.ThrowsAsync<ArgumentOutOfRangeException>(() => Store.OpenReadAsync(BlobName.New(), 0, -1));
    }

    [Fact]
    public async Task an_empty_blob_is_a_blob()
    {
        var name = BlobName.New();
        await Store.Write(name, []);
        Assert.Equal(0, await Store.LengthAsync(name));
        Assert.Empty(await Store.Read(name));
    }

    [Fact]
    public async Task a_missing_blob_is_told_apart_from_a_failing_store()
    {
        await Assert.ThrowsAsync<BlobNotFoundException>(() => Store.OpenReadAsync(BlobName.New()));
        Assert.Null(await Store.LengthAsync(BlobName.New()));
    }

    [Fact]
    public async Task deleting_is_idempotent_and_frees_the_name()
    {
        var name = BlobName.New();
        Assert.False(await Store.DeleteAsync(name));
        await Store.Write(name, [1]);
        Assert.True(await Store.DeleteAsync(name));
        Assert.False(await Store.DeleteAsync(name));
        await AssertMissing(name);
    }

    [Fact]
    public async Task the_list_holds_each_committed_blob_once_with_its_length_and_time()
    {
        var begun = DateTimeOffset.UtcNow.AddSeconds(-2);
        var expected = new Dictionary<BlobName, long>();
        for (var length = 0; length < 300; length++)
        {
            var name = BlobName.New();
            await Store.Write(name, new byte[length]);
            expected.Add(name, length);
        }
        await Store.DeleteAsync(expected.Keys.First());
        expected.Remove(expected.Keys.First());
        await using var uncommitted = await Store.BeginAsync(BlobName.New());
        await uncommitted.Stream.WriteAsync(new byte[5]);

        var listed = await Store.ListAsync().ToListAsync();
        Assert.Equal(expected.OrderBy(pair => pair.Value), listed.ToDictionary(entry => entry.Name, entry => entry.Length).OrderBy(pair => pair.Value));
        Assert.All(listed, entry => Assert.InRange(entry.Created, begun, DateTimeOffset.UtcNow.AddSeconds(2)));
    }

    [Fact]
    public async Task what_is_committed_can_be_read_while_another_upload_runs()
    {
        var name = BlobName.New();
        await Store.Write(name, [1, 2, 3]);
        await using var other = await Store.BeginAsync(name);
        await other.Stream.WriteAsync(new byte[] { 9 });
        Assert.Equal([1, 2, 3], await Store.Read(name));
    }

    [Fact]
    public async Task a_cancelled_call_does_nothing()
    {
        var cancelled = new CancellationToken(canceled: true);
        var name = BlobName.New();
        await using var upload = await Store.BeginAsync(name);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => upload.CommitAsync(cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.BeginAsync(name, cancelled));
        await AssertMissing(name);
    }

    [Fact]
    public async Task a_healthy_store_says_so_and_the_probe_leaves_no_blob()
    {
        var health = await Store.ProbeAsync();
        Assert.True(health.Writable, health.Problem);
        Assert.Null(health.Problem);
        Assert.Empty(await Store.ListAsync().ToListAsync());
    }

    private async Task AssertMissing(BlobName name)
    {
        Assert.Null(await Store.LengthAsync(name));
        await Assert.ThrowsAsync<BlobNotFoundException>(() => Store.OpenReadAsync(name));
        Assert.DoesNotContain(await Store.ListAsync().ToListAsync(), entry => entry.Name == name);
    }
}
