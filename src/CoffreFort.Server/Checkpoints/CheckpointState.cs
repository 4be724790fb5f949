namespace CoffreFort.Server.Checkpoints;

/// <summary>How publishing checkpoints goes, as far as this node knows.</summary>
/// <param name="RunsHere">Whether this node has the turn.</param>
/// <param name="StoppedBy">Why nothing may be signed any more, until somebody has looked.</param>
/// <param name="Position">The event where that shows, when it is one event.</param>
/// <param name="DelayedBy">What is out of reach at the moment; it is tried again.</param>
/// <param name="Unwitnessed">Witnesses, not required, whose cosignature the last checkpoint lacks, and why.</param>
public sealed record CheckpointState(bool RunsHere, string? StoppedBy, long? Position, string? DelayedBy, string? Unwitnessed)
{
    public static CheckpointState Idle { get; } = new(false, null, null, null, null);
}
