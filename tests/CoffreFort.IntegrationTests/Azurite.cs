using System.Diagnostics;
using System.Globalization;

namespace CoffreFort.IntegrationTests;

/// <summary>The emulator of Azure Blob Storage, run by <c>scripts/azurite</c> over a folder of its own; both end with the test process, in whatever way it ends.</summary>
public sealed class Azurite
{
    private static readonly Lazy<Task<Azurite>> shared = new(StartAsync);
    private static int containers;

    private Azurite(string connectionString, string folder) => (ConnectionString, Folder) = (connectionString, folder);

    /// <summary>The one that all tests of a run share; started at first use.</summary>
    public static Task<Azurite> Shared => shared.Value;

    /// <summary>Whether the whole suite runs on it: <c>scripts/test --blobs azurite</c>.</summary>
    public static bool HoldsTheSuite => Environment.GetEnvironmentVariable("COFFREFORT_TEST_BLOBS") == "azurite";

    public string ConnectionString { get; }

    /// <summary>Where it keeps what it was given.</summary>
    public string Folder { get; }

    /// <summary>A name that no container has yet.</summary>
    public static string NewContainer() => string.Create(CultureInfo.InvariantCulture, $"test-{Interlocked.Increment(ref containers)}");

    /// <summary>The server's settings for blobs in a container, for its command line: key, value, key, value.</summary>
    public string[] Settings(string container) => ["--Blobs:Azure:ConnectionString", ConnectionString, "--Blobs:Azure:Container", container];

    /// <summary>Settings for a server of its own: of a new container where the suite runs on Azurite, else none.</summary>
    public static async Task<string[]> SuiteSettingsAsync() => HoldsTheSuite ? (await Shared).Settings(NewContainer()) : [];

    private static async Task<Azurite> StartAsync()
    {
        await Repository.RunScriptAsync("install", "azurite");
        var folder = Directory.CreateTempSubdirectory("coffrefort-azurite-").FullName;
        var start = new ProcessStartInfo("setpriv", ["--pdeathsig", "TERM", Path.Combine(Repository.Root, "scripts", "azurite"), folder, "--discard"])
        {
            RedirectStandardOutput = true,
        };
        var process = await Launcher.StartAsync(start);
        return new Azurite(await process.StandardOutput.ReadLineAsync() ?? throw new InvalidOperationException("Azurite did not start."), folder);
    }
}
