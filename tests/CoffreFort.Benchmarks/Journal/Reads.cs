using CoffreFort.EventStore;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>Reading: one stream folded, the whole journal replayed, a projection rebuilt.</summary>
internal static class Reads
{
    public static async Task AggregateAsync(Bench bench)
    {
        var streams = Enumerable.Range(0, 200).Select(_ => Guid.CreateVersion7()).ToArray();
        foreach (var stream in streams) await bench.StartAsync(stream, 100);
        await bench.ExecuteAsync("vacuum analyze coffrefort.mt_events");
        Bench.Head("Live aggregation of a stream of 100 events; events a second", "callers", "journal", "prepared select and fold", "journal / plain");
        foreach (var callers in new[] { 1, 8 })
        {
            var scores = await bench.Contest.RunAsync(
                callers, 100,
                _ => bench.Journal.AggregateStreamAsync<Notebook>(Any(streams)),
                _ => PlainReading.FoldAsync(bench.Owner, "coffrefort", Any(streams)));
            Bench.Row(callers, scores[0], scores[1], scores[0].Per(scores[1]));
        }
    }

    /// <summary>Replay beside what PostgreSQL gives, then rebuilds beside replay.</summary>
    public static async Task ReplayAsync(Bench bench, long size)
    {
        await bench.GrowAsync(size);
        await bench.ExecuteAsync("vacuum analyze coffrefort.mt_events");
        size = (await bench.Journal.HeadAsync()).Size;
        var subscriptions = new Subscriptions(bench.Journal, bench.Application, [new StreamTable(), new Counter()]);
        var scores = await bench.Contest.RunOnceAsync(
            () => DecodedAsync(bench.Journal),
            () => PlainReading.ReplayAsync(bench.Owner, size),
            () => PlainReading.CopyAsync(bench.Owner, size),
            async () => (await subscriptions.RebuildAsync("bench_streams")).Events,
            async () => (await subscriptions.RebuildAsync("bench_counter")).Events);
        Bench.Head("Replay of the whole journal and rebuilds; events a second",
            "events", "replay, decoded", "plain streaming reader, decoded", "replay / plain", "binary COPY, not decoded", "rebuild, a row a stream", "of the replay", "rebuild, a counter", "of the replay");
        Bench.Row(size, scores[0], scores[1], scores[0].Per(scores[1]), scores[2], scores[3], scores[3].Per(scores[0]), scores[4], scores[4].Per(scores[0]));
    }

    /// <summary>Appends at 32 callers while the journal is small, and when it has grown.</summary>
    public static async Task GrowthAsync(Bench bench, long[] sizes)
    {
        Bench.Head("Append as the journal grows, one event, 32 callers; events a second", "events before", "journal", "bare group commit (its table grows only by what it writes)");
        foreach (var size in sizes)
        {
            await bench.GrowAsync(size);
            await bench.ExecuteAsync("checkpoint");
            var before = (await bench.Journal.HeadAsync()).Size;
            var scores = await bench.Contest.RunAsync(
                32, 1,
                _ => bench.StartAsync(Guid.CreateVersion7(), 1),
                _ => bench.Grouped.AppendAsync(Guid.CreateVersion7(), 0, [Noted.Next(1).ToJson()]));
            Bench.Row(before, scores[0], scores[1]);
        }
    }

    private static async Task<long> DecodedAsync(EventStore.Journal journal)
    {
        long events = 0;
        await foreach (var stored in journal.ReadAllAsync()) events += stored.Body is Noted { Text.Length: > 0 } ? 1 : 0;
        return events;
    }

    private static Guid Any(Guid[] streams) => streams[Random.Shared.Next(streams.Length)];
}
