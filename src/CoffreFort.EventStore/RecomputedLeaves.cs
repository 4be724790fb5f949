using System.Data;
using System.Runtime.CompilerServices;
using System.Text;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.EventStore;

/// <summary>Computes leaves from stored events, and trusts nothing that was derived from them when they were appended.</summary>
/// <remarks>Stateless. Constant memory, however many events.</remarks>
public static class RecomputedLeaves
{
    private const string EventsSql = """
        select seq_id, id, stream_id, version, timestamp, type, data, headers, leaf_hash from coffrefort.mt_events
        where seq_id > $1 and seq_id <= $2 order by seq_id
        """;

    /// <summary>The leaves of the events after one position up to another, in order, each once it was found to be what the append hashed.</summary>
    /// <param name="connection">Used until the enumeration ends.</param>
    /// <param name="after">The position before the first.</param>
    /// <param name="until">The position of the last; not beyond the head.</param>
    /// <param name="cancellation">Ends the reading.</param>
    /// <exception cref="JournalDamagedException">An event is missing, has other bytes than were hashed, or is older than the one before it.</exception>
    public static async IAsyncEnumerable<RecomputedLeaf> ReadAsync(
        NpgsqlConnection connection, long after, long until, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        await using var command = new NpgsqlCommand(EventsSql, connection) { CommandTimeout = 0 };
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = after });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = until });
        await using var reader = await command.ExecuteReaderAsync(CommandBehavior.SequentialAccess, cancellation);
        var last = DateTimeOffset.MinValue;
        while (await reader.ReadAsync(cancellation))
        {
            var leaf = Recompute(reader, after + 1, ref last);
            after = leaf.Position;
            yield return leaf;
        }

        if (after < until) throw new JournalDamagedException(after + 1, $"Event {after + 1} is missing.");
    }

    private static RecomputedLeaf Recompute(NpgsqlDataReader reader, long expected, ref DateTimeOffset last)
    {
        var position = reader.GetInt64(0);
        if (position != expected) throw new JournalDamagedException(expected, $"Event {expected} is missing.");
        var id = reader.GetGuid(1);
        var stream = reader.GetGuid(2);
        var version = reader.GetInt64(3);
        var timestamp = JournalTime.FromDatabase(reader.GetFieldValue<DateTime>(4));
        var type = reader.GetString(5);
        var data = reader.GetFieldValue<byte[]>(6);
        var headers = reader.IsDBNull(7) ? [] : reader.GetFieldValue<byte[]>(7);
        if (version < 0 || timestamp < last) throw new JournalDamagedException(position, $"Event {position} has a version or a time that no append gave it.");
        var commitment = new byte[EventCommitment.Length];
        EventCommitment.Compute(position, id, stream, version, JournalTime.Microseconds(timestamp), Encoding.UTF8.GetBytes(type), data, headers, commitment);
        var hash = new byte[MerkleHash.Length];
        MerkleHash.Leaf(commitment, hash);
        if (!hash.AsSpan().SequenceEqual(reader.GetFieldValue<byte[]>(8)))
            throw new JournalDamagedException(position, $"Event {position} ({type}) is not what was hashed when it was appended.");
        last = timestamp;
        return new RecomputedLeaf(position, commitment, hash);
    }
}
