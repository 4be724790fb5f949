namespace CoffreFort.EventStore;

/// <summary>How a node writes the journal. Immutable.</summary>
public sealed record JournalOptions
{
    /// <summary>At most this many appends share one transaction.</summary>
    public int GroupLimit { get; init; } = 256;

    /// <summary>At most this many appends wait; one more is refused at once with <see cref="JournalUnavailableException"/>.</summary>
    public int WaitingLimit { get; init; } = 4096;

    /// <summary>How long one group may wait for the head's lock and run, before it fails as a whole.</summary>
    public TimeSpan GroupTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>A node whose own clock differs more than this from PostgreSQL's does not write.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Added to PostgreSQL's clock, so that a drill or a test can run ahead of the calendar. Zero in service.</summary>
    public TimeSpan ClockOffset { get; init; }
}
