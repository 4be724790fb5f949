using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Tells PostgreSQL being out of reach, or out of room, from a statement or a caller being wrong.</summary>
internal static class Outage
{
    /// <summary>Whether the fault lies with PostgreSQL or the way to it, not with what it was asked.</summary>
    public static bool Is(Exception failure) => failure switch
    {
        PostgresException reported => reported.IsTransient || IsOperators(reported) || IsClosed(reported),
        JournalUnavailableException or NpgsqlException or OperationCanceledException or TimeoutException or IOException => true,
        ObjectDisposedException or System.Net.Sockets.SocketException => true,
        _ => false,
    };

    /// <summary>Whether the connection is gone. (Whether a commit on it took effect is another question.)</summary>
    public static bool LostConnection(Exception failure) => failure switch
    {
        PostgresException reported => IsOperators(reported) && reported.SqlState != PostgresErrorCodes.QueryCanceled || IsClosed(reported),
        NpgsqlException => true,
        _ => false,
    };

    /// <summary>An error that the server itself reported ended the transaction, unless it was reported while the server or the session went down.</summary>
    public static bool WasRolledBack(Exception failure) =>
        failure is PostgresException reported && !IsOperators(reported) && !IsClosed(reported);

    /// <summary>What a caller should hear.</summary>
    /// <param name="failure">What happened.</param>
    /// <param name="done">What can't be done: written, read.</param>
    public static Exception Translate(Exception failure, string done) => failure switch
    {
        JournalUnavailableException => failure,
        PostgresException { SqlState: PostgresErrorCodes.DiskFull } => new JournalUnavailableException("The journal's disk is full; nothing was written.", failure),
        _ => Is(failure) ? new JournalUnavailableException($"The journal can't be {done} now.", failure) : failure,
    };

    // Class 57, operator intervention: shut down, crashed, starting up, statement cancelled.
    private static bool IsOperators(PostgresException reported) => reported.SqlState is ['5', '7', ..];

    // Class 08, connection exception; 25P03 and 57P05, the session was idle for too long.
    private static bool IsClosed(PostgresException reported) => reported.SqlState is ['0', '8', ..] or "25P03";
}
