using System.Globalization;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>The journal next to what PostgreSQL gives without it, in one run. Prints the tables of docs/performance.md.</summary>
internal static class JournalBenchmark
{
    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = int.Parse(Option(arguments, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        var seconds = double.Parse(Option(arguments, "--seconds") ?? "1", CultureInfo.InvariantCulture);
        var callers = Numbers(arguments, "--callers", "1,8,32,128,256");
        var replay = long.Parse(Option(arguments, "--replay") ?? "200000", CultureInfo.InvariantCulture);
        var sizes = Numbers(arguments, "--sizes", "0,1000000").Select(size => (long)size).ToArray();
        var only = (Option(arguments, "--only") ?? "append,existing,aggregate,replay,growth").Split(',');
        var parts = new (string Name, Func<Bench, Task> Run)[]
        {
            ("append", bench => Appends.NewStreamsAsync(bench, callers)),
            ("existing", bench => Appends.ExistingStreamsAsync(bench, callers)),
            ("aggregate", Reads.AggregateAsync),
            ("replay", bench => Reads.ReplayAsync(bench, replay)),
            ("growth", bench => Reads.GrowthAsync(bench, sizes)),
        };
        var contest = new Contest(rounds, TimeSpan.FromSeconds(seconds));
        Console.WriteLine($"{Environment.ProcessorCount} cores, medians of {rounds} rounds of {seconds.ToString(CultureInfo.InvariantCulture)} s; load average before: {Load()}");
        foreach (var (name, run) in parts)
        {
            if (!only.Contains(name)) continue;
            // A cluster for each part: none runs on what another left behind.
            await using var bench = new Bench(contest);
            await bench.PrepareAsync();
            await run(bench);
        }

        Console.WriteLine($"\nLoad average after: {Load()}");
        return 0;
    }

    private static string Load() => File.Exists("/proc/loadavg") ? File.ReadAllText("/proc/loadavg").Split(' ')[0] : "unknown";

    private static int[] Numbers(string[] arguments, string name, string standard) =>
        [.. (Option(arguments, name) ?? standard).Split(',').Select(number => int.Parse(number, CultureInfo.InvariantCulture))];

    private static string? Option(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
