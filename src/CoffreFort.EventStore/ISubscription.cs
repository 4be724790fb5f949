using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>What follows the journal under a name of its own: a projection, an outbox.</summary>
/// <remarks>
/// One call runs at a time over all nodes. What it writes to PostgreSQL and the cursor move in one transaction: each event takes effect exactly once.
/// Its SQL names its tables without a schema: the same statements then build the live set, and the one that will take its place (<see cref="Subscriptions.RebuildAsync"/>).
/// </remarks>
public interface ISubscription
{
    /// <summary>The cursor's name; never changed once used.</summary>
    string Name { get; }

    /// <summary>From 1; raised when its tables or what it makes of events change. The tables are then built anew beside the live ones.</summary>
    int Version => 1;

    /// <summary>The tables it owns, without schema. Without any it has nothing that could be rebuilt.</summary>
    IReadOnlyList<string> Tables => [];

    /// <summary>Run before the first batch after a start, as the application's role: creates what is missing, in the first schema of the search path.</summary>
    Task PrepareAsync(NpgsqlConnection connection, CancellationToken cancellation);

    /// <summary>Applies events in order, in the open transaction of <paramref name="connection"/>; neither commits nor rolls back.</summary>
    /// <remarks>An exception that is not a lost connection stops this subscription alone, at the event before.</remarks>
    Task ApplyAsync(IReadOnlyList<StoredEvent> events, NpgsqlConnection connection, CancellationToken cancellation);
}
