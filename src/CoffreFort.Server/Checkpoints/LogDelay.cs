using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>What stands in the journal and is in no published checkpoint yet.</summary>
/// <param name="Events">How many events.</param>
/// <param name="Waited">How long the first of them has been waiting, in journal time; zero when there is none.</param>
public sealed record LogDelay(long Events, TimeSpan Waited)
{
    private const string FirstSql = """
        select e.timestamp, h.size - $1 from coffrefort.journal_head h join coffrefort.mt_events e on e.seq_id = $1 + 1 where h.size > $1
        """;

    /// <exception cref="JournalUnavailableException">The journal does not answer.</exception>
    /// <exception cref="NpgsqlException">The same.</exception>
    public static async Task<LogDelay> ReadAsync(NpgsqlDataSource database, Journal journal, JournalCheckpoints checkpoints, CancellationToken cancellation)
    {
        var published = (await checkpoints.LastAsync(cancellation))?.Size ?? 0;
        await using var command = database.CreateCommand(FirstSql);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = published });
        DateTimeOffset first;
        long events;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation)) return new LogDelay(0, TimeSpan.Zero);
            (first, events) = (new DateTimeOffset(reader.GetFieldValue<DateTime>(0), TimeSpan.Zero), reader.GetInt64(1));
        }

        // Only now that the connection is given back: two at once for each asker could empty the pool.
        var waited = await journal.NowAsync(cancellation) - first;
        return new LogDelay(events, waited > TimeSpan.Zero ? waited : TimeSpan.Zero);
    }
}
