namespace CoffreFort.Server.Outbox;

/// <summary>What became of one try to send a message.</summary>
/// <param name="Problem">Null when the receiver took it; else what was the matter, without anything that the receiver said.</param>
public sealed record Delivery(string? Problem)
{
    public static Delivery Taken { get; } = new((string?)null);

    /// <summary>The receiver wants nothing any more: no further try.</summary>
    public bool Gone { get; init; }

    /// <summary>The receiver asked to be left alone for so long.</summary>
    public TimeSpan? RetryAfter { get; init; }
}
