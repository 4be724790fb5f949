using Npgsql;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>Every column that is stored: either a flip in it is damage that fsck must name, or it stands here with the reason why not.</summary>
internal static class BitFlipColumns
{
    private const string ForPeople = "says when, for people; nothing rests on it";
    private const string Running = "who runs it and where it stands still: written anew by whoever runs it next, and nothing is derived from it";
    private const string Decision = "an operator's decision, which stands in the journal; empty until there is one";

    private const string Counted = "how far a rotation is, for its record in the journal; nothing rests on it";

    /// <summary>By table or by table and column.</summary>
    public static IReadOnlyDictionary<string, string> Excused { get; } = new Dictionary<string, string>
    {
        ["mt_events.mt_dotnet_type"] = "a hint for Marten's own reader; a renamed class leaves it behind, and nothing of ours reads it",
        ["mt_event_progression.last_updated"] = ForPeople,
        ["journal_head.only_row"] = "PostgreSQL refuses any other value",
        ["journal_head.fence"] = "only has to be another one than a late group was sent with: whoever finds another one than it knows reads it again",
        ["journal_checkpoints.number"] = "PostgreSQL refuses to change it; only its order counts",
        ["journal_checkpoints.created"] = ForPeople,
        ["journal_timestamps.created"] = ForPeople,
        ["journal_origins.created"] = ForPeople,
        ["subscriptions.version"] = "a version that is not the program's makes it build the view anew",
        ["subscriptions.node"] = Running,
        ["subscriptions.stopped_at"] = Running,
        ["subscriptions.stopped_type"] = Running,
        ["subscriptions.stopped_by"] = Running,
        ["subscriptions.stopped_since"] = Running,
        ["subscription_skips"] = Decision,
        ["outbox"] = "a message on its way: nothing repeats it, and its receiver verifies a signature that is made when it is sent",
        ["integrity_sweep"] = "where the sweep stands: it goes round again",
        ["integrity_findings"] = "what the last sweep found: the next one finds it again",
        ["problems"] = "what is the matter now: the next look writes it anew",
        ["epoch_keys.created"] = ForPeople,
        ["epoch_keys.rewrapped"] = Counted,
        ["epoch_keys.replaced"] = Counted,
        ["epoch_keys.object_keys"] = Counted,
        ["vault_keys.created"] = ForPeople,
        ["vault_keys.spent"] = "whether its vault key is replaced or taken over at the epoch's end: both leave it readable",
        ["ended_epochs"] = "what ended: the journal says the same, and empty until a month is over",
        ["key_acts"] = "an act on its way into the journal; empty a moment later",
        ["object_keys.created"] = ForPeople,
    };

    private static readonly Dictionary<string, string[]> names = new()
    {
        // The key itself may tell of a person's act; its positions name the row as well.
        ["journal_idempotency"] = ["first_seq_id", "last_seq_id"],
        ["journal_head"] = [],
        ["journal_checkpoints"] = ["number"],
    };

    private const string ColumnsSql = """
        select n.nspname || '.' || c.relname, c.relname::text, a.attname::text, format_type(a.atttypid, null),
            array(select k.attname::text from pg_index i join pg_attribute k on k.attrelid = c.oid and k.attnum = any(i.indkey) where i.indrelid = c.oid and i.indisprimary order by k.attnum)
        from pg_class c join pg_namespace n on n.oid = c.relnamespace join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
        where c.relkind = 'r' and n.nspname in ('coffrefort', 'coffrefort_views', 'public') order by 1, a.attnum
        """;

    public static async Task<List<BitFlip>> ReadAsync(NpgsqlConnection owner)
    {
        var columns = new List<BitFlip>();
        await using (var command = new NpgsqlCommand(ColumnsSql, owner))
        await using (var reader = await command.ExecuteReaderAsync())
        {
            while (await reader.ReadAsync())
            {
                var (table, bare, column) = (reader.GetString(0), reader.GetString(1), reader.GetString(2));
                if (Excused.ContainsKey(bare) || Excused.ContainsKey($"{bare}.{column}")) continue;
                columns.Add(new BitFlip(table, column, reader.GetString(3), names.GetValueOrDefault(bare) ?? reader.GetFieldValue<string[]>(4)));
            }
        }

        await AssertFilledAsync(owner, columns.Select(column => column.Table).Distinct());
        return columns;
    }

    /// <summary>In a table without rows nothing is flipped, and nobody would notice.</summary>
    private static async Task AssertFilledAsync(NpgsqlConnection owner, IEnumerable<string> tables)
    {
        var empty = new List<string>();
        foreach (var table in tables)
        {
            await using var command = new NpgsqlCommand($"select exists (select from {table})", owner);
            if (!(bool)(await command.ExecuteScalarAsync())!) empty.Add(table);
        }

        Assert.True(empty.Count == 0, $"Without rows: {string.Join(", ", empty)}");
    }
}
