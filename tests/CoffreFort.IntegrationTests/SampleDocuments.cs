using System.Globalization;

namespace CoffreFort.IntegrationTests;

/// <summary>Real documents to deposit, made by <c>scripts/samples</c> at first use and kept for the next run.</summary>
public static class SampleDocuments
{
    private static readonly string folder = Path.Combine(Repository.Root, "artifacts", "samples");
    private static readonly Lazy<Task> made = new(() => Repository.RunScriptAsync("samples", folder));

    /// <summary>A PDF of several dozen pages.</summary>
    public static Task<string> GuideAsync() => PathOfAsync("guide.pdf");

    public static Task<string> ManualAsync() => PathOfAsync("manual.pdf");

    public static Task<string> JpegScanAsync() => PathOfAsync("scan.jpg");

    public static Task<string> PngScanAsync() => PathOfAsync("scan.png");

    /// <summary>All of them, with the demo's eight papers.</summary>
    public static async Task<IReadOnlyList<string>> AllAsync()
    {
        await made.Value;
        string[] documents = [.. Directory.GetFiles(folder), .. Directory.GetFiles(Path.Combine(folder, "papers"))];
        return [.. documents.Where(path => !path.EndsWith(".bin", StringComparison.Ordinal)).Order(StringComparer.Ordinal)];
    }

    /// <summary>An incompressible file of that many bytes, the same at each run.</summary>
    public static async Task<string> LargeAsync(long bytes)
    {
        var size = bytes.ToString(CultureInfo.InvariantCulture);
        await Repository.RunScriptAsync("samples", folder, "--large", size);
        return Path.Combine(folder, $"large-{size}.bin");
    }

    private static async Task<string> PathOfAsync(string name)
    {
        await made.Value;
        return Path.Combine(folder, name);
    }
}
