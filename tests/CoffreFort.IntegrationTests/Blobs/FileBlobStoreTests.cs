using System.Diagnostics;
using System.Runtime.Versioning;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.IntegrationTests.Blobs;

public sealed class FileBlobStoreTests : BlobStoreContract, IDisposable
{
    private readonly TemporaryFolder folder = new();
    private readonly FileBlobStore store;

    public FileBlobStoreTests() => store = new FileBlobStore(Root);

    protected override IBlobStore Store => store;

    private string Root => Path.Combine(folder.Path, "blobs");

    private string Incoming => Path.Combine(Root, ".incoming");

    public void Dispose() => folder.Dispose();

    [Fact]
    [UnsupportedOSPlatform("windows")]
    public async Task only_the_owner_may_enter_a_folder_or_read_a_file()
    {
        const UnixFileMode file = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        var name = await store.WriteNew([1]);
        await using var upload = await store.BeginAsync(BlobName.New());
        Assert.All(folder.Files(), path => Assert.Equal(file, File.GetUnixFileMode(path)));
        Assert.Equal(2, folder.Files().Count());
        Assert.All([Root, Incoming, ShardOf(name)], path => Assert.Equal(file | UnixFileMode.UserExecute, File.GetUnixFileMode(path)));
    }

    [Fact]
    public async Task after_commits_aborts_lost_races_and_probes_the_incoming_folder_is_empty()
    {
        var name = await store.WriteNew([1]);
        await Assert.ThrowsAsync<BlobAlreadyExistsException>(() => store.Write(name, [2]));
        await using (await store.BeginAsync(BlobName.New()))
        {
            Assert.Single(Directory.GetFiles(Incoming));
        }
        await store.ProbeAsync();
        Assert.Empty(Directory.GetFiles(Incoming));
        Assert.Equal([PathOf(name)], folder.Files());
    }

    [Fact]
    public async Task a_living_writer_of_another_process_keeps_its_upload_and_a_killed_one_loses_it()
    {
        var path = Path.Combine(Incoming, $"{BlobName.New()}.{BlobName.New()}");
        await File.WriteAllBytesAsync(path, new byte[10]);
        // flock(1) without a fork holds the same lock as a server in the middle of an upload.
        using var writer = Process.Start(new ProcessStartInfo("flock", ["--exclusive", "--no-fork", path, "sh", "-c", "echo locked; exec sleep 600"]) { RedirectStandardOutput = true })!;
        try
        {
            Assert.Equal("locked", await writer.StandardOutput.ReadLineAsync());
            _ = new FileBlobStore(Root);
            Assert.True(File.Exists(path));
        }
        finally
        {
            writer.Kill();
            await writer.WaitForExitAsync();
        }
        _ = new FileBlobStore(Root);
        Assert.False(File.Exists(path));
    }

    [Fact]
    public async Task an_upload_under_way_survives_the_start_of_another_store_on_the_folder()
    {
        var name = BlobName.New();
        await using var upload = await store.BeginAsync(name);
        GC.Collect();
        GC.WaitForPendingFinalizers();
        _ = new FileBlobStore(Root);
        await upload.Stream.WriteAsync(new byte[] { 4 });
        await upload.CommitAsync();
        Assert.Equal([4], await store.Read(name));
    }

    [Fact]
    public async Task blobs_survive_a_restart()
    {
        var name = await store.WriteNew([1, 2]);
        Assert.Equal([1, 2], await new FileBlobStore(Root + "/").Read(name));
    }

    [Fact]
    public async Task files_that_are_not_ours_are_neither_listed_nor_removed()
    {
        var name = await store.WriteNew([1]);
        var other = BlobName.New().ToString();
        var elsewhere = name.ToString()[..2] == "00" ? "11" : "00";
        Directory.CreateDirectory(Path.Combine(Root, elsewhere));
        Directory.CreateDirectory(Path.Combine(Root, "lost+found"));
        string[] strangers =
        [
            Path.Combine(Root, other), Path.Combine(Root, "README"), Path.Combine(Root, "lost+found", other),
            Path.Combine(ShardOf(name), "notes.txt"), PathOf(name) + ".bak", PathOf(name)[..^1] + "A",
            Path.Combine(Root, elsewhere, name.ToString()), Path.Combine(Incoming, "notes.txt"), Path.Combine(Incoming, other),
        ];
        foreach (var stranger in strangers)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(stranger)!);
            await File.WriteAllTextAsync(stranger, "not ours");
        }
        var restarted = new FileBlobStore(Root);
        Assert.Equal([name], (await restarted.ListAsync().ToListAsync()).Select(entry => entry.Name));
        Assert.All(strangers, stranger => Assert.True(File.Exists(stranger), stranger));
    }

    [Fact]
    public async Task symbolic_links_are_not_followed()
    {
        var outside = Path.Combine(folder.Path, "outside");
        Directory.CreateDirectory(outside);
        var (linkedFile, linkedShard) = (BlobName.Parse("aa00000000000000000000000000000f"), BlobName.Parse("bb00000000000000000000000000000f"));
        await store.Write(linkedFile, [1]);
        File.Move(PathOf(linkedFile), Path.Combine(outside, linkedFile.ToString()));
        File.CreateSymbolicLink(PathOf(linkedFile), Path.Combine(outside, linkedFile.ToString()));
        File.CreateSymbolicLink(ShardOf(linkedShard), outside);
        await File.WriteAllTextAsync(Path.Combine(outside, linkedShard.ToString()), "a secret");

        foreach (var name in new[] { linkedFile, linkedShard })
        {
            await Assert.ThrowsAsync<BlobNotFoundException>(() => store.OpenReadAsync(name));
            Assert.Null(await store.LengthAsync(name));
            Assert.False(await store.DeleteAsync(name));
        }
        Assert.Empty(await store.ListAsync().ToListAsync());
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.Write(linkedShard, [2]));
        Assert.Equal(2, Directory.GetFiles(outside).Length);
    }

    [Fact]
    public async Task an_unmounted_volume_is_a_failing_store_and_not_a_store_without_blobs()
    {
        var name = await store.WriteNew([1]);
        Directory.Move(Root, Root + ".gone");
        Directory.CreateDirectory(Root);
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.OpenReadAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.LengthAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.DeleteAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => store.BeginAsync(name));
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(async () => await store.ListAsync().ToListAsync());
        var health = await store.ProbeAsync();
        Assert.False(health.Writable);
        Assert.NotNull(health.Problem);
    }

    [Fact]
    public async Task a_file_cut_short_while_it_is_read_is_a_failure_and_not_an_early_end()
    {
        // Longer than what is read when it is opened.
        var name = await store.WriteNew(new byte[1_000_000]);
        await using var stream = await store.OpenReadAsync(name);
        await stream.ReadExactlyAsync(new byte[1000]);
        await using (var file = new FileStream(PathOf(name), FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(2000);
        await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => stream.CopyToAsync(Stream.Null));
    }

    [Fact]
    public async Task a_blob_deleted_while_it_is_read_is_read_to_its_end()
    {
        var name = await store.WriteNew(new byte[100_000]);
        await using var stream = await store.OpenReadAsync(name);
        await store.DeleteAsync(name);
        await stream.ReadExactlyAsync(new byte[100_000]);
        Assert.Equal(0, await stream.ReadAsync(new byte[1]));
    }

    [Fact]
    public async Task a_gibibyte_is_written_and_read_in_constant_memory()
    {
        var step = new byte[1 << 20];
        var name = BlobName.New();
        var before = GC.GetTotalAllocatedBytes();
        await using (var upload = await store.BeginAsync(name))
        {
            for (var turn = 0; turn < 1024; turn++)
                await upload.Stream.WriteAsync(step);
            Assert.Equal(1L << 30, await upload.CommitAsync());
        }
        await using var stream = await store.OpenReadAsync(name, 1L << 29);
        var read = 0L;
        while (await stream.ReadAsync(step) is > 0 and var count)
            read += count;
        Assert.Equal(1L << 29, read);
        // Other tests of this process allocate too; a copy of the content would be twice this.
        Assert.InRange(GC.GetTotalAllocatedBytes() - before, 0, 1L << 29);
    }

    private string ShardOf(BlobName name) => Path.Combine(Root, name.ToString()[..2]);

    private string PathOf(BlobName name) => Path.Combine(ShardOf(name), name.ToString());
}
