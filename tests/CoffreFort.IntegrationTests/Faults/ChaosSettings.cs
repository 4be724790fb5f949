using System.Globalization;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>What <c>scripts/chaos</c> asked for; nothing of it is set in an ordinary test run, which does the short form.</summary>
internal sealed record ChaosSettings(int? Kills, int? Events, int? Writers, int? Nodes, int? Seed, int? Rounds)
{
    public LoadSize Load => Kills is null ? LoadSize.Short : LoadSize.Long;

    /// <summary>Before a kill, in milliseconds.</summary>
    public int LongestPause => Kills is null ? 250 : 1200;

    public static ChaosSettings Read() => new(Number("KILLS"), Number("EVENTS"), Number("WRITERS"), Number("NODES"), Number("SEED"), Number("ROUNDS"));

    private static int? Number(string name) =>
        int.TryParse(Environment.GetEnvironmentVariable($"COFFREFORT_CHAOS_{name}"), NumberStyles.None, CultureInfo.InvariantCulture, out var value) ? value : null;
}
