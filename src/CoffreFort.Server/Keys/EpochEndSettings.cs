using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Keys;

/// <summary>When what an epoch's end makes needless is destroyed.</summary>
/// <param name="DestroyAfter">
/// So long after its last vault key was taken over an epoch's root key is destroyed (<c>Keys:DestroyAfter</c>, 3 days, 6 at most): in between a backup of the key database must be taken, because the earlier ones open nothing afterwards.
/// </param>
public sealed record EpochEndSettings(TimeSpan DestroyAfter)
{
    /// <summary>What was promised to be final by then must be.</summary>
    private static readonly TimeSpan Longest = EpochEnd.Slack - TimeSpan.FromDays(1);

    /// <exception cref="SettingsException">What was erased would be final later than was promised.</exception>
    public static EpochEndSettings From(IConfiguration configuration)
    {
        var after = configuration.Duration("Keys:DestroyAfter", TimeSpan.FromDays(3), none: true);
        return after <= Longest ? new EpochEndSettings(after) : throw new SettingsException($"Keys:DestroyAfter is 6 days at most, not {after}.");
    }
}
