namespace CoffreFort.Server.Operations.Integrity;

/// <summary>How far the sweep is, and what it has found.</summary>
/// <param name="Position">The event up to which this round has come.</param>
/// <param name="Began">When this round began; null before the first.</param>
/// <param name="Ended">When the last whole round ended; null before that.</param>
/// <param name="Damaged">How many things were found damaged in the last whole round or since.</param>
/// <param name="Findings">The latest of them.</param>
public sealed record SweepStatus(long Position, DateTimeOffset? Began, DateTimeOffset? Ended, long Damaged, IReadOnlyList<Finding> Findings)
{
    public static SweepStatus None { get; } = new(0, null, null, 0, []);
}
