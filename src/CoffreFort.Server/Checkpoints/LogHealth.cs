namespace CoffreFort.Server.Checkpoints;

/// <summary>How publishing and sealing the log goes.</summary>
/// <param name="Origin">The log.</param>
/// <param name="Size">Of the last checkpoint.</param>
/// <param name="Created">When that was published.</param>
/// <param name="StoppedBy">Why nothing may be signed any more; then this node is not ready.</param>
/// <param name="Position">The event where that shows.</param>
/// <param name="DelayedBy">What is out of reach at the moment.</param>
/// <param name="Unpublished">How many events no checkpoint covers yet.</param>
/// <param name="UnpublishedFor">How long the first of them has been waiting, hh:mm:ss.</param>
/// <param name="Delayed">That is too long.</param>
/// <param name="Unwitnessed">Witnesses whose cosignature is missing.</param>
/// <param name="Authority">Whether a timestamp authority is configured, in words.</param>
/// <param name="Stamped">The last timestamp.</param>
/// <param name="SealProblem">Why the last try for one failed.</param>
/// <param name="UnsealedFor">How long the oldest event without a seal waits, hh:mm:ss.</param>
/// <param name="Overdue">That is too long for receipts to count as evidence.</param>
public sealed record LogHealth(
    string? Origin, long? Size, DateTimeOffset? Created, string? StoppedBy, long? Position, string? DelayedBy,
    long Unpublished, string UnpublishedFor, bool Delayed, string? Unwitnessed,
    string Authority, DateTimeOffset? Stamped, string? SealProblem, string UnsealedFor, bool Overdue);
