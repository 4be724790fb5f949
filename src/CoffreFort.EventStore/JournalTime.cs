namespace CoffreFort.EventStore;

/// <summary>Journal time as it is hashed: whole microseconds since 1970-01-01T00:00:00Z, as PostgreSQL stores it.</summary>
public static class JournalTime
{
    /// <summary>Microseconds since 1970; finer parts, which a stored timestamp never has, are cut off.</summary>
    public static long Microseconds(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;

    /// <summary>A timestamp as Npgsql reads it. An infinite one says nothing of its zone, and would be taken for local time.</summary>
    internal static DateTimeOffset FromDatabase(DateTime stored) => DateTime.SpecifyKind(stored, DateTimeKind.Utc);

    /// <summary>The time of the next group: PostgreSQL's clock, which counts for all nodes, and never before the last event's.</summary>
    /// <param name="clock">PostgreSQL's clock, read at some instant between the next two.</param>
    /// <param name="last">The last event's time.</param>
    /// <param name="asked">This node's clock before it asked.</param>
    /// <param name="answered">This node's clock once it had the answer.</param>
    /// <param name="options">The tolerance, and the offset of a drill.</param>
    /// <exception cref="JournalUnavailableException">The two clocks disagree by more than the tolerance, however slow the answer was.</exception>
    internal static DateTimeOffset Next(
        DateTimeOffset clock, DateTimeOffset last, DateTimeOffset asked, DateTimeOffset answered, JournalOptions options)
    {
        var off = Distance(clock, asked, answered);
        if (off > options.ClockTolerance)
            throw new JournalUnavailableException($"This node's clock and PostgreSQL's differ by {off.TotalSeconds:F1} s; it does not write until they agree.");
        var offset = TimeSpan.FromMicroseconds(Math.Floor(options.ClockOffset.TotalMicroseconds));
        return clock + offset > last ? clock + offset : last;
    }

    /// <summary>Whether the two clocks differ by no more than the tolerance, however slow the answer was.</summary>
    internal static bool Agree(DateTimeOffset clock, DateTimeOffset asked, DateTimeOffset answered, JournalOptions options) =>
        Distance(clock, asked, answered) <= options.ClockTolerance;

    private static TimeSpan Distance(DateTimeOffset clock, DateTimeOffset asked, DateTimeOffset answered) =>
        clock < asked ? asked - clock : clock > answered ? clock - answered : TimeSpan.Zero;
}
