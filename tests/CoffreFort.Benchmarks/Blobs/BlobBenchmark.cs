using System.Diagnostics;
using System.Globalization;
using CoffreFort.Benchmarks.Journal;
using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.Benchmarks.Blobs;

/// <summary>Both blob stores side by side in one run: what goes up, what is read back before a deposit is acknowledged, and what comes down. Prints the table of docs/performance.md.</summary>
internal static class BlobBenchmark
{
    private const int Step = 1 << 20;

    /// <summary>Length of a blob, how many at once, how many a round.</summary>
    private static readonly (long Length, int AtOnce, int Count)[] Sizes = [(100 << 10, 8, 160), (10L << 20, 1, 8), (256L << 20, 1, 1)];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var at = Array.IndexOf(arguments, "--rounds");
        var rounds = at < 0 ? 5 : int.Parse(arguments[at + 1], CultureInfo.InvariantCulture);
        var folder = Directory.CreateTempSubdirectory("coffrefort-bench-blobs-").FullName;
        using var azurite = await Launcher.StartAsync(new ProcessStartInfo(
            "setpriv", ["--pdeathsig", "TERM", Path.Combine(Root(), "scripts", "azurite"), Path.Combine(folder, "azurite"), "--discard"])
        {
            RedirectStandardOutput = true,
        });
        try
        {
            var azure = await OpenAsync(await azurite.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("Azurite did not start."));
            (string Name, IBlobStore Store)[] stores = [("files", new FileBlobStore(Path.Combine(folder, "blobs"))), ("Azurite", azure)];
            Bench.Head($"Blob stores, MB/s, medians of {rounds} rounds", "blobs", "store", "upload", "upload, then read back and verified", "share", "download");
            foreach (var size in Sizes) await CompareAsync(stores, size, rounds);
            return 0;
        }
        finally
        {
            using (var stop = Process.Start("kill", ["-TERM", azurite.Id.ToString(CultureInfo.InvariantCulture)])) await stop.WaitForExitAsync();
            await azurite.WaitForExitAsync();
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync((string Name, IBlobStore Store)[] stores, (long Length, int AtOnce, int Count) size, int rounds)
    {
        var sealedOnce = new SealedOnce(size.Length);
        var contestants = stores.SelectMany(one => new Func<Task<long>>[]
        {
            () => EachAsync(size, name => UploadAsync(one.Store, name, sealedOnce, verify: false)),
            () => EachAsync(size, name => UploadAsync(one.Store, name, sealedOnce, verify: true)),
        }).ToArray();
        var written = await new Contest(rounds, TimeSpan.Zero).RunAndClearAsync(() => ClearAsync(stores.Select(one => one.Store)), contestants);
        var kept = stores.Select(_ => BlobName.New()).ToArray();
        for (var i = 0; i < stores.Length; i++) await UploadAsync(stores[i].Store, kept[i], sealedOnce, verify: false);
        var read = await new Contest(rounds, TimeSpan.Zero).RunOnceAsync(
            [.. stores.Select((one, i) => (Func<Task<long>>)(() => EachAsync(size, _ => DownloadAsync(one.Store, kept[i]))))]);
        for (var i = 0; i < stores.Length; i++)
        {
            var (bare, verified) = (written[2 * i], written[(2 * i) + 1]);
            Bench.Row($"{size.Length / 1024.0 / 1024:0.#} MiB, {size.AtOnce} at once", stores[i].Name, Megabytes(bare), Megabytes(verified), verified.Per(bare), Megabytes(read[i]));
        }
    }

    private static double Megabytes(Score score) => score.Rate / 1e6;

    private static async Task<long> EachAsync((long Length, int AtOnce, int Count) size, Func<BlobName, Task> work)
    {
        var names = Enumerable.Range(0, size.Count).Select(_ => BlobName.New()).ToArray();
        await Parallel.ForEachAsync(names, new ParallelOptions { MaxDegreeOfParallelism = size.AtOnce }, async (name, _) => await work(name));
        return size.Length * size.Count;
    }

    private static async Task ClearAsync(IEnumerable<IBlobStore> stores)
    {
        foreach (var store in stores)
            await Parallel.ForEachAsync(store.ListAsync(), async (entry, stop) => await store.DeleteAsync(entry.Name, stop));
    }

    private static async Task UploadAsync(IBlobStore store, BlobName name, SealedOnce content, bool verify)
    {
        await using (var upload = await store.BeginAsync(name))
        {
            await content.WriteAsync(upload.Stream, Step);
            await upload.CommitAsync();
        }

        if (!verify) return;
        if (await store.LengthAsync(name) != content.Length) throw new InvalidOperationException("The store has lost a blob.");
        await using var stored = await store.OpenReadAsync(name);
        await DocumentVerification.VerifyAsync(stored, content.Length, content.Key, content.Identity);
    }

    private static async Task DownloadAsync(IBlobStore store, BlobName name)
    {
        await using var stream = await store.OpenReadAsync(name);
        var buffer = new byte[Step];
        while (await stream.ReadAsync(buffer) > 0)
        {
        }
    }

    private static async Task<AzureBlobStore> OpenAsync(string connection)
    {
        var settings = new ConfigurationBuilder().AddInMemoryCollection([new("Blobs:Azure:ConnectionString", connection), new("Blobs:Azure:Container", "bench")]).Build();
        var store = new AzureBlobStore(AzureBlobSettings.Read(settings)!.Connect());
        await store.OpenAsync();
        return store;
    }

    private static string Root()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CoffreFort.sln")))
                return folder.FullName;
        throw new InvalidOperationException("The repository is not above the program.");
    }
}
