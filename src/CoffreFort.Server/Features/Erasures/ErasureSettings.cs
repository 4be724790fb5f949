using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Features.Erasures;

/// <summary>How long a holder can change their mind.</summary>
public sealed class ErasureSettings(IConfiguration configuration)
{
    public const int MostDays = 365;

    /// <summary>The usual grace, in days.</summary>
    public int Days { get; } = configuration.Read("Erasure:GraceDays", 30) is >= 0 and <= MostDays and var days
        ? days
        : throw new SettingsException($"Erasure:GraceDays goes from 0 to {MostDays}.");

    /// <param name="asked">As the holder asked; null for the usual one.</param>
    /// <param name="grace">What it comes to.</param>
    /// <returns>Why not, or null.</returns>
    public Refusal? TryGrace(int? asked, out TimeSpan grace)
    {
        grace = TimeSpan.FromDays(asked is >= 0 and var days && days <= Days ? days : Days);
        return asked < 0 || asked > Days ? ErasureRefusals.BadGrace(Days) : null;
    }
}
