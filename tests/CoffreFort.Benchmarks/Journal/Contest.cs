using System.Diagnostics;
using System.Globalization;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>What one contestant reached, medians over the rounds.</summary>
internal sealed record Score(double Rate, double P50, double P99)
{
    public string Per(Score other) => string.Create(CultureInfo.InvariantCulture, $"{Rate / other.Rate:P0}");
}

/// <summary>Contestants take turns, so that whatever else the machine does hits all of them; the first rounds only warm up.</summary>
/// <param name="rounds">How many count.</param>
/// <param name="time">How long one is, where it is not done once.</param>
/// <param name="warmingUp">How many go before: more where a process has just been started and compiles while it serves.</param>
internal sealed class Contest(int rounds, TimeSpan time, int warmingUp = 1)
{
    public int Rounds => rounds;

    /// <param name="callers">How many call at once.</param>
    /// <param name="events">How many events one call is worth.</param>
    /// <param name="contestants">Each is called again and again, with the number of the caller.</param>
    public async Task<Score[]> RunAsync(int callers, int events, params Func<int, Task>[] contestants)
    {
        var scores = contestants.Select(_ => new List<Score>()).ToArray();
        for (var round = 1 - warmingUp; round <= rounds; round++)
        {
            // Who goes first in one round goes last in the next.
            foreach (var i in Order(contestants.Length, round))
            {
                var score = await RoundAsync(contestants[i], callers, events);
                if (round > 0) scores[i].Add(score);
            }
        }

        return [.. scores.Select(Medians)];
    }

    /// <summary>The same for what is done once a round: gives how many events it did.</summary>
    public Task<Score[]> RunOnceAsync(params Func<Task<long>>[] contestants) => RunAndClearAsync(() => Task.CompletedTask, contestants);

    /// <summary>The same where each turn leaves something that is cleared away before the next one; that takes none of its time.</summary>
    public async Task<Score[]> RunAndClearAsync(Func<Task> clear, params Func<Task<long>>[] contestants)
    {
        var scores = contestants.Select(_ => new List<Score>()).ToArray();
        for (var round = 1 - warmingUp; round <= rounds; round++)
        {
            foreach (var i in Order(contestants.Length, round))
            {
                var began = Stopwatch.GetTimestamp();
                var events = await contestants[i]();
                var took = Stopwatch.GetElapsedTime(began);
                await clear();
                if (round > 0) scores[i].Add(new Score(events / took.TotalSeconds, took.TotalMilliseconds, took.TotalMilliseconds));
            }
        }

        return [.. scores.Select(Medians)];
    }

    private static IEnumerable<int> Order(int count, int round) => round % 2 == 0 ? Enumerable.Range(0, count) : Enumerable.Range(0, count).Reverse();

    private static Score Medians(List<Score> all) => new(Median(all.Select(s => s.Rate)), Median(all.Select(s => s.P50)), Median(all.Select(s => s.P99)));

    private static double Median(IEnumerable<double> values) => values.Order().ElementAt(values.Count() / 2);

    private async Task<Score> RoundAsync(Func<int, Task> call, int callers, int events)
    {
        var watch = Stopwatch.StartNew();
        var latencies = await Task.WhenAll(Enumerable.Range(0, callers).Select(caller => Task.Run(async () =>
        {
            var own = new List<double>();
            while (watch.Elapsed < time)
            {
                var began = Stopwatch.GetTimestamp();
                await call(caller);
                own.Add(Stopwatch.GetElapsedTime(began).TotalMilliseconds);
            }

            return own;
        })));
        var elapsed = watch.Elapsed.TotalSeconds;
        var sorted = latencies.SelectMany(l => l).Order().ToList();
        return new Score(sorted.Count * events / elapsed, sorted[sorted.Count / 2], sorted[sorted.Count * 99 / 100]);
    }
}
