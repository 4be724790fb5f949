using System.Diagnostics;
using CoffreFort.Server.Edges.Blobs;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>A really full disk, where mounting a small one is allowed; elsewhere it says so, and the fault wrapper alone speaks.</summary>
public sealed class FileBlobStoreFullDiskTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Requirement", "R-219")]
    public async Task a_full_disk_refuses_the_upload_keeps_the_others_and_recovers_when_there_is_space()
    {
        using var folder = new TemporaryFolder();
        var refusal = await Run("mount", "-t", "tmpfs", "-o", "size=4m", "tmpfs", folder.Path);
        if (refusal is not null)
        {
            output.WriteLine($"Not run on a real disk: mount says {refusal}");
            return;
        }
        try
        {
            await FillAndRecover(new FileBlobStore(folder.Path));
        }
        finally
        {
            Assert.Null(await Run("umount", folder.Path));
        }
    }

    private static async Task FillAndRecover(FileBlobStore store)
    {
        var kept = await store.WriteNew(new byte[1 << 20]);
        var free = (await store.ProbeAsync()).FreeBytes;
        Assert.InRange(free!.Value, 2 << 20, 3 << 20);

        var name = BlobName.New();
        await using (var upload = await store.BeginAsync(name))
        {
            await upload.Stream.WriteAsync(new byte[2 << 20]);
            await Assert.ThrowsAsync<BlobStoreFullException>(async () => await upload.Stream.WriteAsync(new byte[2 << 20]));
            await Assert.ThrowsAsync<InvalidOperationException>(() => upload.CommitAsync());
            var health = await store.ProbeAsync();
            Assert.False(health.Writable);
            Assert.Contains("space", health.Problem, StringComparison.OrdinalIgnoreCase);
        }

        Assert.Null(await store.LengthAsync(name));
        Assert.Equal(free, (await store.ProbeAsync()).FreeBytes);
        Assert.Equal(new byte[1 << 20], await store.Read(kept));
        await store.Write(name, new byte[2 << 20]);
        Assert.Equal(2 << 20, await store.LengthAsync(name));
    }

    private static async Task<string?> Run(string command, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(command, arguments) { RedirectStandardError = true })!;
        var problem = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return process.ExitCode == 0 ? null : problem.Trim();
    }
}
