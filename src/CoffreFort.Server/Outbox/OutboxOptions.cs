namespace CoffreFort.Server.Outbox;

/// <summary>How messages are tried; configuration section <c>Outbox</c>.</summary>
public sealed record OutboxOptions
{
    /// <summary>The pause after the first failed try; it doubles from there, up to an hour.</summary>
    public TimeSpan FirstPause { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>After so many tries a message is given up: about half a day.</summary>
    public int MostAttempts { get; init; } = 20;

    /// <summary>How long a receiver may take to answer one try.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>How often to look for due messages.</summary>
    public TimeSpan LookEvery { get; init; } = TimeSpan.FromSeconds(2);
}
