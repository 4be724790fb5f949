using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Tells stored bytes that can't be read, which is a finding, from a database that can't be asked, which is an outage.</summary>
internal static class Unreadable
{
    // Class XX, internal error: corrupted data or index. Class 22, data exception. 58030 and 58P01, a file that can't be read or is gone.
    public static bool Is(Exception failure) => failure switch
    {
        PostgresException reported => reported.SqlState is ['X', 'X', ..] or ['2', '2', ..] or "58030" or "58P01",
        // The journal takes an unreadable file for an outage, since for a writer it is one.
        JournalUnavailableException { InnerException: PostgresException reported } => Is(reported),
        InvalidCastException or FormatException or ArgumentException or OverflowException => true,
        _ => false,
    };

    /// <summary>In PostgreSQL's words: they name the file's block, and no value.</summary>
    public static string Reason(Exception failure) => failure switch
    {
        PostgresException reported => reported.MessageText,
        JournalUnavailableException { InnerException: PostgresException reported } => reported.MessageText,
        _ => failure.Message,
    };
}
