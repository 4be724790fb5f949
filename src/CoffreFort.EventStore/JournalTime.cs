namespace CoffreFort.EventStore;

/// <summary>Journal time as it is hashed: whole microseconds since 1970-01-01T00:00:00Z, as PostgreSQL stores it.</summary>
public static class JournalTime
{
    /// <summary>Microseconds since 1970; finer parts, which a stored timestamp never has, are cut off.</summary>
    public static long Microseconds(DateTimeOffset instant) =>
        (instant.UtcTicks - DateTimeOffset.UnixEpoch.Ticks) / TimeSpan.TicksPerMicrosecond;
}
