using System.Diagnostics;
using System.Security.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>From one store to the other and back: whole, compared, resumed after any end, and nothing changed in the source.</summary>
public sealed class BlobCopyTests : IAsyncLifetime, IDisposable
{
    private const int Count = 24;

    private readonly TemporaryFolder folder = new();
    private readonly ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
    private readonly string container = Azurite.NewContainer();
    private readonly Dictionary<BlobName, byte[]> contents = [];
    private FileBlobStore files = null!;
    private AzureBlobStore azure = null!;

    private string Files => Path.Combine(folder.Path, "blobs");

    public async Task InitializeAsync()
    {
        files = new FileBlobStore(Files);
        azure = new AzureBlobStore((await Azurite.Shared).Connect(container));
        await azure.OpenAsync();
        for (var turn = 0; turn < Count; turn++)
        {
            var content = RandomNumberGenerator.GetBytes(turn == 0 ? 9_000_000 : turn * 5000);
            contents.Add(await files.WriteNew(content), content);
        }

        await CheckpointAsync(5);
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose()
    {
        key.Dispose();
        folder.Dispose();
    }

    [Fact]
    public async Task all_goes_to_azure_and_back_into_another_folder()
    {
        var before = State();
        var bytes = 0L;
        Assert.Equal(new BlobCopyResult(Count, contents.Values.Sum(content => content.LongLength), 0, 0), await CopyAsync(files, azure, progress: step => bytes += step));
        Assert.Equal(contents.Values.Sum(content => content.LongLength), bytes);
        await AssertHoldsAllAsync(azure);
        Assert.Equal(before, State());

        using var elsewhere = new TemporaryFolder();
        var back = new FileBlobStore(elsewhere.Path);
        Assert.Equal(Count, (await CopyAsync(azure, back)).Copied);
        await AssertHoldsAllAsync(back);
    }

    [Fact]
    [Trait("Requirement", "R-298")]
    public async Task what_was_copied_before_an_outage_is_compared_and_not_copied_again()
    {
        var failing = new FaultyBlobStore(azure);
        var commits = 0;
        failing.Before = _ =>
        {
            if (Interlocked.Increment(ref commits) > 60) failing.Down = true;
            return Task.CompletedTask;
        };
        await Assert.ThrowsAnyAsync<Exception>(async () => Assert.Equal(0, (await CopyAsync(files, failing)).Failed));
        Assert.Null(await azure.ReadCheckpointAsync());
        var there = (await azure.ListAsync().ToListAsync()).Count;
        Assert.InRange(there, 1, Count - 1);

        var result = await CopyAsync(files, azure);
        Assert.Equal((Count - there, (long)there, 0L), ((int)result.Copied, result.Compared, result.Failed));
        await AssertHoldsAllAsync(azure);
    }

    [Fact]
    public async Task a_copy_that_differs_is_named_and_left_as_it_is()
    {
        var (longer, other) = (contents.Keys.ElementAt(3), contents.Keys.ElementAt(4));
        await azure.Write(longer, new byte[contents[longer].Length + 1]);
        await azure.Write(other, new byte[contents[other].Length]);
        var named = new List<BlobName>();
        var result = await CopyAsync(files, azure, failed: (name, _) => named.Add(name));
        Assert.Equal(2, result.Failed);
        Assert.Equal(new[] { longer, other }.ToHashSet(), named.ToHashSet());
        Assert.Equal(new byte[contents[other].Length], await azure.Read(other));
        Assert.Null(await azure.ReadCheckpointAsync());
    }

    [Fact]
    public async Task a_store_that_keeps_something_else_than_it_was_given_is_found_out()
    {
        var lies = new Lying.Lies();
        lies.Begin(Lying.Lie.FlippedOnWrite, onEveryOccasion: false, seed: 1);
        var target = new Lying.LyingBlobStore(azure, lies);
        var result = await CopyAsync(files, target);
        Assert.Equal(lies.Told, result.Failed);
    }

    [Fact]
    public async Task a_checkpoint_that_the_target_only_says_it_keeps_is_found_out()
    {
        await CopyAsync(files, azure);
        await CheckpointAsync(7);
        var lies = new Lying.Lies();
        lies.Begin(Lying.Lie.NotStored, onEveryOccasion: true, seed: 1);
        var failure = await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => CopyAsync(files, new Lying.LyingBlobStore(azure, lies)));
        Assert.Contains("does not keep", failure.InnerException!.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task an_older_checkpoint_or_another_logs_does_not_take_the_place_of_the_newer_one()
    {
        await CopyAsync(files, azure);
        await CheckpointAsync(7);
        await CopyAsync(files, azure);
        var newer = (await azure.ReadCheckpointAsync())!.Note;
        Assert.Equal((await files.ReadCheckpointAsync())!.Note, newer);

        await CheckpointAsync(6);
        var older = await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => CopyAsync(files, azure));
        Assert.Contains("of 7 events, the source one of 6", older.InnerException!.Message, StringComparison.Ordinal);
        await CheckpointAsync(8, "log.example/other");
        var other = await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => CopyAsync(files, azure));
        Assert.Contains("another log, log.example", other.InnerException!.Message, StringComparison.Ordinal);
        await CheckpointAsync(7, tree: "forked");
        var forked = await Assert.ThrowsAsync<BlobStoreUnavailableException>(() => CopyAsync(files, azure));
        Assert.Contains("different checkpoints of 7 events", forked.InnerException!.Message, StringComparison.Ordinal);
        Assert.Equal(newer, (await azure.ReadCheckpointAsync())!.Note);
    }

    [Fact]
    public async Task the_command_is_killed_and_goes_on_and_says_how_it_ended()
    {
        using (var killed = await StartAsync())
        {
            while ((await azure.ListAsync().ToListAsync()).Count == 0 && !killed.HasExited) await Task.Delay(5);
            killed.Kill();
            await killed.WaitForExitAsync();
        }

        using var again = await StartAsync();
        var said = await again.StandardOutput.ReadToEndAsync();
        await again.WaitForExitAsync();
        Assert.True(again.ExitCode == 0, said + await again.StandardError.ReadToEndAsync());
        Assert.Contains("0 are not there as they are in the source", said, StringComparison.Ordinal);
        await AssertHoldsAllAsync(azure);
    }

    private async Task CheckpointAsync(long size, string origin = "log.example", string tree = "")
    {
        var text = new Checkpoint(origin, size, SHA256.HashData([(byte)size, .. System.Text.Encoding.UTF8.GetBytes(tree)])).ToString();
        Assert.True(await files.ReplaceCheckpointAsync(new SignedNote(text, [EcdsaNote.Sign(text, origin, key)]).ToString(), (await files.ReadCheckpointAsync())?.Tag));
    }

    private static Task<BlobCopyResult> CopyAsync(IBlobStore from, IBlobStore to, Action<long>? progress = null, Action<BlobName, string>? failed = null) =>
        new BlobCopy(from, to).RunAsync(progress ?? (_ => { }), failed ?? ((_, _) => { }));

    private async Task<Process> StartAsync()
    {
        string[] settings = ["ConnectionStrings:Journal=Host=/nowhere", "ConnectionStrings:Keys=Host=/nowhere", $"Blobs:Azure:ConnectionString={(await Azurite.Shared).ConnectionString}", $"Blobs:Azure:Container={container}"];
        return Process.Start(new ProcessStartInfo(
            "dotnet", [Repository.Built("CoffreFort.Server", "CoffreFort.Server.dll"), "blobs", "copy", "--to", "azure", "--data", folder.Path, .. settings.SelectMany(setting => new[] { "--set", setting })])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
    }

    private async Task AssertHoldsAllAsync(IBlobStore store)
    {
        Assert.Equal(contents.Keys.ToHashSet(), (await store.ListAsync().ToListAsync()).Select(entry => entry.Name).ToHashSet());
        foreach (var (name, content) in contents) Assert.Equal(content, await store.Read(name));
        Assert.Equal((await files.ReadCheckpointAsync())!.Note, (await store.ReadCheckpointAsync())!.Note);
    }

    private List<(string, long, DateTime)> State() =>
        [.. new DirectoryInfo(Files).EnumerateFileSystemInfos("*", SearchOption.AllDirectories).Select(info => (info.FullName, (info as FileInfo)?.Length ?? 0, info.LastWriteTimeUtc)).Order()];
}
