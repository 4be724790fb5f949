using System.Diagnostics;
using System.Globalization;
using System.Text.Json;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>Appends a second, next to the bare group commit and to one prepared insert a transaction, in one run.</summary>
internal static class JournalBenchmark
{
    private static readonly string text = new('x', 380);

    private sealed record Noted(string Text) : IEvent;

    private sealed record Notebook : IAggregate<Notebook>
    {
        public static string StreamType => "bench";

        public static Notebook Empty { get; } = new();

        public static Notebook Evolve(Notebook state, IEvent @event) => state;
    }

    private delegate Task Append(int events);

    public static async Task<int> RunAsync(string[] arguments)
    {
        var rounds = int.Parse(Option(arguments, "--rounds") ?? "5", CultureInfo.InvariantCulture);
        var seconds = double.Parse(Option(arguments, "--seconds") ?? "1.5", CultureInfo.InvariantCulture);
        using var cluster = new PrivateCluster();
        await using var owner = NpgsqlDataSource.Create(cluster.ConnectionString("app"));
        await using var application = NpgsqlDataSource.Create(cluster.ConnectionString("coffrefort_app"));
        await PrepareAsync(owner);
        var registry = new EventRegistry(JsonSerializerOptions.Default, new EventTypes().Add<Noted>("bench_noted"));
        await using var journal = new EventStore.Journal(application, registry);
        await using var grouped = new Floor(owner, grouped: true);
        await using var single = new Floor(owner, grouped: false);
        var contestants = new (string Name, Append Append)[]
        {
            ("journal", events => JournalAsync(journal, events)),
            ("bare group commit", events => grouped.AppendAsync(Guid.CreateVersion7(), Bodies(events))),
            ("one insert a transaction", events => single.AppendAsync(Guid.CreateVersion7(), Bodies(events))),
        };

        Console.WriteLine("| events an append | callers | journal, events/s | p50 / p99 ms | bare group commit | one insert a transaction | journal / bare |");
        Console.WriteLine("| ---: | ---: | ---: | ---: | ---: | ---: | ---: |");
        foreach (var (events, callers) in new[] { (1, 1), (1, 8), (1, 32), (1, 128), (10, 32) })
        {
            var results = await MeasureAsync(contestants, events, callers, rounds, TimeSpan.FromSeconds(seconds));
            var (own, bare) = (results[0], results[1]);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"| {events} | {callers} | {own.Rate:N0} | {own.P50:F2} / {own.P99:F2} | {bare.Rate:N0} | {results[2].Rate:N0} | {own.Rate / bare.Rate:P0} |"));
        }

        return 0;
    }

    private static async Task PrepareAsync(NpgsqlDataSource owner)
    {
        await JournalSchema.MigrateAsync(owner);
        await using var command = owner.CreateCommand(
            """
            create schema floor;
            create table floor.mt_events (like coffrefort.mt_events including indexes including defaults);
            alter table floor.mt_events drop column leaf_hash;
            create table floor.mt_streams (like coffrefort.mt_streams including indexes including defaults)
            """);
        await command.ExecuteNonQueryAsync();
    }

    private static Task<AppendResult> JournalAsync(EventStore.Journal journal, int events)
    {
        var session = journal.OpenSession();
        session.StartStream<Notebook>(Guid.CreateVersion7(), [.. Enumerable.Range(0, events).Select(_ => new Noted(text))]);
        return session.SaveChangesAsync();
    }

    private static byte[][] Bodies(int events) =>
        [.. Enumerable.Range(0, events).Select(_ => JsonSerializer.SerializeToUtf8Bytes(new Noted(text)))];

    /// <summary>Contestants take turns, so that whatever else the machine does hits all of them; the first round only warms up.</summary>
    private static async Task<List<(double Rate, double P50, double P99)>> MeasureAsync(
        (string Name, Append Append)[] contestants, int events, int callers, int rounds, TimeSpan time)
    {
        var measured = contestants.Select(_ => new List<(double Rate, double P50, double P99)>()).ToList();
        for (var round = 0; round <= rounds; round++)
        {
            for (var i = 0; i < contestants.Length; i++)
            {
                var one = await RoundAsync(contestants[i].Append, events, callers, time);
                if (round > 0) measured[i].Add(one);
            }
        }

        return [.. measured.Select(all => (Median(all.Select(r => r.Rate)), Median(all.Select(r => r.P50)), Median(all.Select(r => r.P99))))];
    }

    private static async Task<(double Rate, double P50, double P99)> RoundAsync(Append append, int events, int callers, TimeSpan time)
    {
        var watch = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(_ => Task.Run(async () =>
        {
            var own = new List<double>();
            while (watch.Elapsed < time)
            {
                var began = Stopwatch.GetTimestamp();
                await append(events);
                own.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return own;
        })));
        var elapsed = watch.Elapsed.TotalSeconds;
        var sorted = latencies.SelectMany(l => l).Order().ToList();
        return (sorted.Count * events / elapsed, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);
    }

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private static string? Option(string[] arguments, string name) =>
        Array.IndexOf(arguments, name) is >= 0 and var at && at + 1 < arguments.Length ? arguments[at + 1] : null;
}
