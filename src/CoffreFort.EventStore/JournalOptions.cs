namespace CoffreFort.EventStore;

/// <summary>How a node writes the journal. Immutable.</summary>
public sealed record JournalOptions
{
    /// <summary>At most this many appends share one transaction.</summary>
    public int GroupLimit { get; init; } = 256;

    /// <summary>At most this many appends wait; one more is refused at once with <see cref="JournalUnavailableException"/>.</summary>
    public int WaitingLimit { get; init; } = 4096;

    /// <summary>A transaction takes no further append once it has this many events, so that the head's lock is never held for long.</summary>
    public int GroupEventLimit { get; init; } = 4096;

    /// <summary>
    /// How long an append may wait for its turn, and then one group for the head's lock and its run, before it fails as a whole.
    /// Finding out what became of a group whose connection broke may take as long again.
    /// </summary>
    public TimeSpan GroupTimeout { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>
    /// When this node stalls while it holds the head's lock, PostgreSQL ends its transaction after this long, and the other nodes write on.
    /// </summary>
    public TimeSpan StallLimit { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>This node's own clock, which is only compared with PostgreSQL's.</summary>
    public TimeProvider NodeClock { get; init; } = TimeProvider.System;

    /// <summary>A node whose own clock differs more than this from PostgreSQL's does not write.</summary>
    public TimeSpan ClockTolerance { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Added to PostgreSQL's clock, so that a drill or a test can run ahead of the calendar. Zero in service.</summary>
    public TimeSpan ClockOffset { get; init; }
}
