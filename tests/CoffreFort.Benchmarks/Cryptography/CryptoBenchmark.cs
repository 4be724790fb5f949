using System.Globalization;
using CoffreFort.Benchmarks.Journal;

namespace CoffreFort.Benchmarks.Cryptography;

/// <summary>The container beside the bare cipher, then deposits and reads over HTTP beside an endpoint without journal. Prints the tables of docs/performance.md.</summary>
internal static class CryptoBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = int.Parse(Option(arguments, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        var only = Option(arguments, "--only")?.Split(',') ?? ["container", "http"];
        var sizes = Option(arguments, "--sizes")?.Split(',') ?? ["100KiB", "1MiB", "10MiB", "1GiB"];
        if (only.Contains("container")) await ContainerContest.RunAsync(new Contest(rounds, TimeSpan.Zero));
        if (only.Contains("http")) await HttpContest.RunAsync(rounds, sizes, Option(arguments, "--server") ?? throw new ArgumentException("--server names the built server."));
        return 0;
    }

    private static string? Option(string[] arguments, string name) => Array.IndexOf(arguments, name) is >= 0 and var at ? arguments[at + 1] : null;
}
