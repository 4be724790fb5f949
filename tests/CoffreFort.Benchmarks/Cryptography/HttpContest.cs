using System.Globalization;
using System.Net;
using System.Security.Cryptography;
using CoffreFort.Benchmarks.Journal;

namespace CoffreFort.Benchmarks.Cryptography;

/// <summary>Deposits and reads over HTTP, the server and the floor in turns; client, server, floor and PostgreSQL share the machine.</summary>
internal static class HttpContest
{
    private const int Step = 1 << 20;

    private static readonly byte[] content = RandomNumberGenerator.GetBytes(16 << 20);

    private static readonly (string Name, long Length, int Callers, int Count, int DepositGoal, int ReadGoal)[] all =
    [
        ("100KiB", 100 << 10, 8, 800, 60, 50), ("1MiB", 1 << 20, 1, 60, 80, 70), ("10MiB", 10 << 20, 1, 20, 80, 70), ("1GiB", 1L << 30, 1, 1, 80, 70),
    ];

    public static async Task RunAsync(int rounds, string[] sizes, string server)
    {
        var folder = Directory.CreateTempSubdirectory("coffrefort-bench-crypto-").FullName;
        try
        {
            using var cluster = new PrivateCluster();
            using var floor = await Floor.StartAsync(folder);
            using var real = await Real.StartAsync(server, folder, cluster);
            Bench.Head(
                $"Deposit and read over HTTP, medians of {rounds} rounds (1 GiB: at most 3)",
                "document, connections", "what", "floor, MB/s", "server, MB/s", "server, documents a second", "share", "goal");
            foreach (var size in all.Where(size => sizes.Contains(size.Name))) await CompareAsync([floor, real], size, size.Length > 100 << 20 ? Math.Min(3, rounds) : rounds);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static async Task CompareAsync(Contestant[] contestants, (string Name, long Length, int Callers, int Count, int DepositGoal, int ReadGoal) size, int rounds)
    {
        // The server has just started, and compiles what is hot in the background: not what a server does that has been up for a minute.
        var contest = new Contest(rounds, TimeSpan.Zero, warmingUp: size.Length > 100 << 20 ? 1 : 5);
        var kept = contestants.Select(_ => new List<string>()).ToArray();
        var stored = await contest.RunOnceAsync([.. contestants.Select((one, i) => (Func<Task<long>>)(() => StoreAsync(one, size.Length, size.Callers, size.Count, kept[i])))]);
        var fetched = await contest.RunOnceAsync([.. contestants.Select((one, i) => (Func<Task<long>>)(() => FetchAsync(one, size.Length, size.Callers, size.Count, kept[i])))]);
        foreach (var one in contestants) one.Empty();
        Print(size.Name, size.Callers, size.Length, "deposit", stored, size.DepositGoal);
        Print(size.Name, size.Callers, size.Length, "read", fetched, size.ReadGoal);
    }

    private static void Print(string name, int callers, long length, string what, Score[] scores, int goal) => Bench.Row(
        $"{name}, {callers}", what, scores[0].Rate / 1e6, scores[1].Rate / 1e6, (scores[1].Rate / length).ToString("N1", CultureInfo.InvariantCulture), scores[1].Per(scores[0]), $"{goal} %");

    /// <summary>Keeps what the round stored, for reading; what earlier rounds stored goes first, so that neither disk nor folder grows.</summary>
    private static async Task<long> StoreAsync(Contestant contestant, long length, int callers, int count, List<string> kept)
    {
        if (length > 100 << 20) contestant.Empty();
        kept.Clear();
        await InTurnsAsync(callers, count, async _ =>
        {
            var address = await contestant.StoreAsync(new Repeated(length));
            lock (kept) kept.Add(address);
        });
        return length * count;
    }

    private static async Task<long> FetchAsync(Contestant contestant, long length, int callers, int count, List<string> kept)
    {
        var buffers = Enumerable.Range(0, callers).Select(_ => new byte[Step]).ToArray();
        await InTurnsAsync(callers, count * (length > 100 << 20 ? 1 : 2), async (caller, number) =>
        {
            if (await contestant.FetchAsync(kept[number % kept.Count], buffers[caller]) != length) throw new InvalidOperationException("Another length came back.");
        });
        return length * count * (length > 100 << 20 ? 1 : 2);
    }

    private static Task InTurnsAsync(int callers, int count, Func<int, Task> work) => InTurnsAsync(callers, count, (_, number) => work(number));

    private static Task InTurnsAsync(int callers, int count, Func<int, int, Task> work)
    {
        var next = -1;
        return Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            while (Interlocked.Increment(ref next) is var number && number < count) await work(caller, number);
        })));
    }

    /// <summary>A body out of memory, in steps of a mebibyte.</summary>
    private sealed class Repeated(long length) : HttpContent
    {
        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var at = 0L; at < length; at += Step)
                await stream.WriteAsync(content.AsMemory(checked((int)(at % content.Length)), checked((int)Math.Min(Step, length - at))));
        }

        protected override bool TryComputeLength(out long computed)
        {
            computed = length;
            return true;
        }
    }
}
