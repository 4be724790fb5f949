using System.Diagnostics;
using System.Globalization;
using CoffreFort.Server.Edges.Blobs;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Blobs;

/// <summary>Watches the system calls of this very process: no test short of a power cut shows a missing flush otherwise.</summary>
public sealed class FileBlobStoreDurabilityTests(ITestOutputHelper output)
{
    [Fact]
    [Trait("Requirement", "R-218")]
    public async Task a_commit_flushes_the_file_links_it_and_flushes_the_folders_in_that_order()
    {
        using var folder = new TemporaryFolder();
        var store = new FileBlobStore(folder.Path);
        var (first, second) = (BlobName.Parse("ab000000000000000000000000000001"), BlobName.Parse("ab000000000000000000000000000002"));
        var calls = await Trace(folder.Path, async () =>
        {
            await store.Write(first, [1]);
            await store.Write(second, [2]);
            await store.DeleteAsync(first);
        });
        if (calls is null)
            return;
        string[] commit(BlobName name, params string[] created) =>
            [$"fsync .incoming/{name}", .. created, $"link ab/{name}", "fsync ab", $"unlink .incoming/{name}"];
        Assert.Equal(
            [.. commit(first, "fsync ."), .. commit(second), $"unlink ab/{first}", "fsync ab"],
            calls);
    }

    private async Task<List<string>?> Trace(string folder, Func<Task> work)
    {
        using var tracer = Start();
        if (tracer is null || await tracer.StandardError.ReadLineAsync() is not { } started || !started.Contains("attached", StringComparison.Ordinal))
        {
            output.WriteLine("Not run: strace is missing or may not attach to this process.");
            return null;
        }
        await work();
        using var interrupt = Process.Start("kill", ["-INT", tracer.Id.ToString(CultureInfo.InvariantCulture)]);
        var trace = await tracer.StandardError.ReadToEndAsync();
        await tracer.WaitForExitAsync();
        return [.. trace.Split('\n').Where(line => line.Contains(folder, StringComparison.Ordinal)).Select(line => Read(line, folder)).OfType<string>()];
    }

    private static Process? Start()
    {
        try
        {
            // -y names the file behind each descriptor.
            return Process.Start(new ProcessStartInfo("strace",
                ["-f", "-y", "-s", "512", "-e", "trace=fsync,link,unlink", "-p", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])
            { RedirectStandardError = true });
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;
        }
    }

    // From "[pid 7] fsync(64</tmp/x/ab>) = 0" to "fsync ab"; of a link its new name, of an upload its name without the random end.
    private static string? Read(string line, string folder)
    {
        var call = new[] { "unlink", "link", "fsync" }.FirstOrDefault(name => line.Contains($" {name}(", StringComparison.Ordinal) || line.StartsWith($"{name}(", StringComparison.Ordinal));
        if (call is null)
            return null;
        var path = line[(line.LastIndexOf(folder, StringComparison.Ordinal) + folder.Length)..].Split('"', '>')[0].Trim('/');
        return $"{call} {(path.Length == 0 ? "." : path.StartsWith('.') ? path[..path.LastIndexOf('.')] : path)}";
    }
}
