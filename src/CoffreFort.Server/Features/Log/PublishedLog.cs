using System.Text;
using CoffreFort.EventStore;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Features.Log;

/// <summary>What the log has published: its notes, and which tiles they commit to. Nothing beyond them is shown to anybody.</summary>
public sealed class PublishedLog(NpgsqlDataSource database)
{
    private const string Columns = "select origin, size, note from coffrefort.journal_checkpoints";

    /// <summary>The newest checkpoint, or null before the first.</summary>
    public Task<Published?> NewestAsync(CancellationToken cancellation) => FindAsync($"{Columns} order by number desc limit 1", [], cancellation);

    /// <summary>The checkpoint that the log published at just this size, or null.</summary>
    public Task<Published?> AtAsync(string origin, long size, CancellationToken cancellation) =>
        FindAsync($"{Columns} where origin = $1 and size = $2", [origin, size], cancellation);

    /// <summary>The origins under which there is a checkpoint, the newest first.</summary>
    public async Task<IReadOnlyList<string>> OriginsAsync(CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select origin from coffrefort.journal_checkpoints group by origin order by max(number) desc");
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var origins = new List<string>();
        while (await reader.ReadAsync(cancellation)) origins.Add(reader.GetString(0));
        return origins;
    }

    /// <summary>Whether a published tree of a log has the tile with just this width: a full one the newest tree, a partial one a tree that it was the right edge of.</summary>
    public async Task<bool> HasAsync(Published newest, TileCoordinates tile, CancellationToken cancellation)
    {
        int width = TileCoordinates.WidthIn(tile.Level, tile.Index, newest.Size);
        if (width <= tile.Width) return width == tile.Width;
        if (tile.IsFull) return true;

        // At a level there are 256^level leaves to a hash: the sizes from the tile's last hash on, up to where one more would be complete.
        int shift = 8 * tile.Level;
        long hashes = (tile.Index << 8) + tile.Width;
        await using var command = database.CreateCommand(
            "select exists (select from coffrefort.journal_checkpoints where origin = $1 and size >= $2 and size - $2 < $3)");
        foreach (var value in (object[])[newest.Origin, hashes << shift, 1L << shift]) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return (bool)(await command.ExecuteScalarAsync(cancellation))!;
    }

    private async Task<Published?> FindAsync(string sql, object[] values, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        return await reader.ReadAsync(cancellation) ? new Published(reader.GetString(0), reader.GetInt64(1), reader.GetString(2)) : null;
    }

    /// <param name="Origin">The log.</param>
    /// <param name="Size">How many events it covers.</param>
    /// <param name="Note">The signed note, character for character.</param>
    public sealed record Published(string Origin, long Size, string Note)
    {
        /// <summary>The root that was signed.</summary>
        /// <exception cref="JournalDamagedException">The stored note is not a checkpoint of its row.</exception>
        public ReadOnlyMemory<byte> Root =>
            SignedNote.TryParse(Encoding.UTF8.GetBytes(Note), out var note, out _) && Checkpoint.TryParse(note.Text, out var checkpoint, out _)
                && checkpoint.Size == Size && checkpoint.Origin == Origin
                ? checkpoint.Root
                : throw new JournalDamagedException(null, $"The stored note of {Origin} at {Size} is not a checkpoint of that size.");
    }
}
