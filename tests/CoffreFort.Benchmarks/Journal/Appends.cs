using System.Globalization;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>Appends a second.</summary>
internal static class Appends
{
    /// <summary>Each append begins a new stream.</summary>
    public static async Task NewStreamsAsync(Bench bench, int[] callers)
    {
        Bench.Head("Append, a new stream each; events a second",
            "events, callers", "journal", "p50 / p99 ms", "bare group commit", "p50 / p99 ms", "one insert a transaction", "journal / bare");
        foreach (var (events, count) in callers.Select(count => (1, count)).Append((10, 8)).Append((10, 32)))
        {
            var scores = await bench.Contest.RunAsync(
                count, events,
                _ => bench.StartAsync(Guid.CreateVersion7(), events),
                _ => bench.Grouped.AppendAsync(Guid.CreateVersion7(), 0, Bodies(events)),
                _ => bench.Single.AppendAsync(Guid.CreateVersion7(), 0, Bodies(events)));
            Bench.Row($"{events}, {count}", scores[0], Latency(scores[0]), scores[1], Latency(scores[1]), scores[2], scores[0].Per(scores[1]));
        }
    }

    /// <summary>Fetch for writing, decide, append: each caller on streams of its own, begun anew after 20 events.</summary>
    public static async Task ExistingStreamsAsync(Bench bench, int[] callers)
    {
        // A journal that nobody would think of reading whole to find one stream.
        await bench.GrowAsync(10_000);
        Bench.Head("Fetch for writing, decide, append one; events a second",
            "callers", "journal", "p50 / p99 ms", "bare: select, fold, group commit", "p50 / p99 ms", "journal / bare", "bare, connections kept", "p50 / p99 ms", "journal / kept");
        foreach (var count in callers)
        {
            var own = Enumerable.Range(0, count).Select(_ => (Id: Guid.Empty, Version: 0L)).ToArray();
            var (bare, kept) = (own[..], own[..]);
            var scores = await bench.Contest.RunAsync(
                count, 1,
                caller => DecideAsync(bench, own, caller),
                caller => DecideBarelyAsync(bench, bare, caller, stream => PlainReading.FoldAsync(bench.Owner, "floor", stream)),
                caller => DecideBarelyAsync(bench, kept, caller, stream => PlainReading.FoldKeptAsync(bench.Owner, stream)));
            Bench.Row(
                count, scores[0], Latency(scores[0]), scores[1], Latency(scores[1]), scores[0].Per(scores[1]), scores[2], Latency(scores[2]), scores[0].Per(scores[2]));
        }
    }

    private static async Task DecideAsync(Bench bench, (Guid Id, long Version)[] streams, int caller)
    {
        if (streams[caller].Version % 20 == 0) streams[caller] = (Guid.CreateVersion7(), 0);
        var session = bench.Journal.OpenSession();
        var stream = await session.FetchForWriting<Notebook>(streams[caller].Id);
        stream.Append(Noted.Next((int)stream.State.Notes));
        await session.SaveChangesAsync();
        streams[caller].Version++;
    }

    private static async Task DecideBarelyAsync(Bench bench, (Guid Id, long Version)[] streams, int caller, Func<Guid, Task<(Notebook State, long Version)>> fold)
    {
        if (streams[caller].Version % 20 == 0) streams[caller] = (Guid.CreateVersion7(), 0);
        var (state, version) = await fold(streams[caller].Id);
        await bench.Grouped.AppendAsync(streams[caller].Id, version, [Noted.Next((int)state.Notes).ToJson()]);
        streams[caller].Version++;
    }

    private static byte[][] Bodies(int events) => [.. Enumerable.Range(0, events).Select(i => Noted.Next(i).ToJson())];

    private static string Latency(Score score) => string.Create(CultureInfo.InvariantCulture, $"{score.P50:F2} / {score.P99:F2}");
}
