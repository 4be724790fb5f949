namespace CoffreFort.Server.Checkpoints;

/// <summary>Something that was published and is not on the way to the journal's head, or can't be compared with it.</summary>
/// <param name="Place">Where it is kept: the journal's database, the blob store, a witness.</param>
/// <param name="Kind">What is the matter.</param>
/// <param name="Words">The same for the operator.</param>
/// <param name="Note">The checkpoint, when it could be read.</param>
/// <param name="Size">How many events it covers, when known.</param>
public sealed record ForkFinding(string Place, ForkKind Kind, string Words, string? Note = null, long? Size = null);

public enum ForkKind
{
    /// <summary>The journal is shorter than what was published.</summary>
    Older,

    /// <summary>The journal has other events than were published.</summary>
    Different,

    /// <summary>It is not a checkpoint of ours.</summary>
    Foreign,

    /// <summary>It is ours, and the configuration names another log.</summary>
    Misnamed,

    /// <summary>It must be there and is not.</summary>
    Missing,

    /// <summary>It can't be asked now.</summary>
    Unreachable,
}
