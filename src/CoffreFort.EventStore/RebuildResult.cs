namespace CoffreFort.EventStore;

/// <summary>A set of tables was built anew and has taken the old one's place.</summary>
/// <param name="Position">The cursor since then.</param>
/// <param name="Events">How many events were applied by this run: fewer than the position when it resumed another or passed over some.</param>
/// <param name="Skipped">How many were passed over by decision.</param>
/// <param name="Took">How long it took.</param>
public sealed record RebuildResult(long Position, long Events, long Skipped, TimeSpan Took);
