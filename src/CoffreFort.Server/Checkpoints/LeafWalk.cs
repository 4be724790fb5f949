using CoffreFort.EventStore;
using CoffreFort.Transparency;
using Npgsql;

namespace CoffreFort.Server.Checkpoints;

/// <summary>The tree over the stored leaf hashes, walked from the first: slow and independent of tiles, for when a proof made from tiles does not hold.</summary>
internal static class LeafWalk
{
    /// <summary>The roots at some sizes, all on one walk, so that each tree is the beginning of the next by construction.</summary>
    public static async Task<IReadOnlyDictionary<long, byte[]>> RootsAsync(NpgsqlDataSource database, IEnumerable<long> sizes, CancellationToken cancellation)
    {
        var roots = new Dictionary<long, byte[]>();
        var tree = Frontier.Empty;
        foreach (var size in sizes.Distinct().Order())
        {
            await AppendAsync(database, tree, size, cancellation);
            roots[size] = tree.Root();
        }

        return roots;
    }

    private static async Task AppendAsync(NpgsqlDataSource database, Frontier tree, long until, CancellationToken cancellation)
    {
        await using var command = database.CreateCommand("select leaf_hash from coffrefort.mt_events where seq_id > $1 and seq_id <= $2 order by seq_id");
        command.CommandTimeout = 0;
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = tree.Size });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = until });
        await using var reader = await command.ExecuteReaderAsync(System.Data.CommandBehavior.SequentialAccess, cancellation);
        while (await reader.ReadAsync(cancellation)) tree.Append(reader.GetFieldValue<byte[]>(0));
        if (tree.Size != until) throw new JournalDamagedException(tree.Size + 1, $"Event {tree.Size + 1} is missing.");
    }
}
