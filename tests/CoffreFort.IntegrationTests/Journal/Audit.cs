using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>One row of mt_events as its bytes lie in the table.</summary>
public sealed record AuditRow(
    long Position, Guid Id, Guid StreamId, long Version, DateTime Timestamp, string Type, byte[] Data, byte[]? Headers, byte[] LeafHash);

/// <summary>Re-derives the journal from its stored bytes, from the specification's words alone and with none of the product's code.</summary>
public static class Audit
{
    /// <summary>All rows in order, once everything that must hold was found to hold.</summary>
    public static async Task<List<AuditRow>> HoldsAsync(NpgsqlDataSource owner)
    {
        await using var connection = await owner.OpenConnectionAsync();
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var rows = await RowsAsync(connection);
        Assert.Equal(Enumerable.Range(1, rows.Count).Select(i => (long)i), rows.Select(row => row.Position));
        foreach (var row in rows) Assert.Equal(Convert.ToHexString(Leaf(row)), Convert.ToHexString(row.LeafHash));
        foreach (var (earlier, later) in rows.Zip(rows.Skip(1))) Assert.True(earlier.Timestamp <= later.Timestamp, "Time ran backwards.");
        foreach (var stream in rows.GroupBy(row => row.StreamId))
            Assert.Equal(Enumerable.Range(1, stream.Count()).Select(i => (long)i), stream.Select(row => row.Version));
        Assert.Equal(rows.Count, rows.Select(row => row.Id).Distinct().Count());
        await StreamsMatchAsync(connection, rows);
        await HeadMatchesAsync(connection, rows);
        return rows;
    }

    private static async Task<List<AuditRow>> RowsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand(
            """
            select seq_id, id, stream_id, version, timestamp, type, convert_to(data::text, 'UTF8'), convert_to(headers::text, 'UTF8'), leaf_hash
            from coffrefort.mt_events order by seq_id
            """, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<AuditRow>();
        while (await reader.ReadAsync())
        {
            rows.Add(new AuditRow(
                reader.GetInt64(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetInt64(3), reader.GetDateTime(4), reader.GetString(5),
                reader.GetFieldValue<byte[]>(6), await reader.IsDBNullAsync(7) ? null : reader.GetFieldValue<byte[]>(7), reader.GetFieldValue<byte[]>(8)));
        }

        return rows;
    }

    private static async Task StreamsMatchAsync(NpgsqlConnection connection, List<AuditRow> rows)
    {
        await using var command = new NpgsqlCommand("select id, version, timestamp, created from coffrefort.mt_streams", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var streams = rows.GroupBy(row => row.StreamId).ToDictionary(stream => stream.Key, stream => stream.ToList());
        var seen = 0;
        for (; await reader.ReadAsync(); seen++)
        {
            var events = streams[reader.GetGuid(0)];
            Assert.Equal(events[^1].Version, reader.GetInt64(1));
            Assert.Equal(events[^1].Timestamp, reader.GetDateTime(2));
            Assert.Equal(events[0].Timestamp, reader.GetDateTime(3));
        }

        Assert.Equal(streams.Count, seen);
    }

    private static async Task HeadMatchesAsync(NpgsqlConnection connection, List<AuditRow> rows)
    {
        await using var command = new NpgsqlCommand("select size, root, frontier, last_timestamp from coffrefort.journal_head", connection);
        await using var reader = await command.ExecuteReaderAsync();
        Assert.True(await reader.ReadAsync());
        var leaves = rows.Select(row => row.LeafHash).ToArray();
        Assert.Equal(rows.Count, reader.GetInt64(0));
        Assert.Equal(Convert.ToHexString(Root(leaves)), Convert.ToHexString(reader.GetFieldValue<byte[]>(1)));
        Assert.Equal(Convert.ToHexString(Frontier(leaves)), Convert.ToHexString(reader.GetFieldValue<byte[]>(2)));
        if (rows.Count > 0) Assert.Equal(rows[^1].Timestamp, reader.GetDateTime(3));
        Assert.False(await reader.ReadAsync());
    }

    private static byte[] Leaf(AuditRow row)
    {
        using var canonical = new MemoryStream();
        canonical.Write("coffrefort/event/v1\n"u8);
        canonical.Write(BigEndian(row.Position));
        canonical.Write(row.Id.ToByteArray(bigEndian: true));
        canonical.Write(row.StreamId.ToByteArray(bigEndian: true));
        canonical.Write(BigEndian(row.Version));
        canonical.Write(BigEndian((row.Timestamp - DateTime.UnixEpoch).Ticks / 10));
        foreach (var text in new[] { Encoding.UTF8.GetBytes(row.Type), row.Data, row.Headers ?? [] })
        {
            canonical.Write(BigEndian(text.Length).AsSpan(4));
            canonical.Write(text);
        }

        return SHA256.HashData([0, .. SHA256.HashData(canonical.ToArray())]);
    }

    private static byte[] BigEndian(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return bytes;
    }

    /// <summary>RFC 6962 §2.1, word by word.</summary>
    private static byte[] Root(ReadOnlySpan<byte[]> leaves)
    {
        if (leaves.Length == 0) return SHA256.HashData([]);
        if (leaves.Length == 1) return leaves[0];
        var split = LargestPowerBelow(leaves.Length);
        return SHA256.HashData([1, .. Root(leaves[..split]), .. Root(leaves[split..])]);
    }

    private static byte[] Frontier(ReadOnlySpan<byte[]> leaves)
    {
        var perfect = leaves.Length == 0 ? 0 : LargestPowerBelow(leaves.Length + 1);
        return perfect == 0 ? [] : [.. Root(leaves[..perfect]), .. Frontier(leaves[perfect..])];
    }

    private static int LargestPowerBelow(int count)
    {
        var power = 1;
        while (power * 2 < count) power *= 2;
        return power;
    }
}
