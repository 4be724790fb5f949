using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>What the journal's head row says of itself.</summary>
internal sealed record StoredHead(long Size, byte[] Root, byte[] Frontier)
{
    public static async Task<StoredHead> ReadAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand("select size, root, frontier from coffrefort.journal_head", connection);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        if (!await reader.ReadAsync(cancellation)) throw new CheckpointRefusedException(null, "The journal has no head.");
        return new StoredHead(reader.GetInt64(0), reader.GetFieldValue<byte[]>(1), reader.GetFieldValue<byte[]>(2));
    }

    public bool IsOf(Frontier tree) =>
        Size == tree.Size && Root.AsSpan().SequenceEqual(tree.Root()) && Frontier.AsSpan().SequenceEqual(tree.ToBytes());
}
