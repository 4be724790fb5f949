using System.Globalization;
using Npgsql;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A bit flips below PostgreSQL, in the files of its tables: their checksums show it, and fsck names what can't be read and goes on.</summary>
public sealed class BrokenPageTests(ITestOutputHelper output)
{
    private const int PageLength = 8192;

    [Fact]
    [Trait("Requirement", "R-295")]
    public async Task broken_pages_are_named_row_by_row_and_all_else_is_looked_at()
    {
        var seed = Random.Shared.Next(1_000_000_000);
        output.WriteLine($"seed {seed}");
        var random = new Random(seed);
        await using var cluster = await PostgresCluster.StartAsync(durable: false);
        await using var store = await StoppedStore.TellAsync(cluster);
        var (events, hidden) = await PageOfEventsAsync(cluster, store.JournalDatabase, random);
        var tiles = await FileAsync(cluster, store.JournalDatabase, "coffrefort.journal_tiles");
        var keys = await FileAsync(cluster, store.KeyDatabase, "object_keys");
        (string File, long Bit)[] flips = [(events.File, Bit(events.Page)), (tiles, Bit(0)), (keys, Bit(0))];

        await FlipAsync(cluster, flips);
        var (broken, lines, complaints) = await FsckCommand.RunAsync(store.Settings);
        await FlipAsync(cluster, flips);
        var (mended, _, _) = await FsckCommand.RunAsync(store.Settings);

        Assert.Equal((1, 0), (broken, mended));
        Assert.Equal(hidden, Positions(lines));
        Assert.Contains("damaged: journal: journal_tiles", lines, StringComparison.Ordinal);
        Assert.Contains("damaged: keys: object_keys", lines, StringComparison.Ordinal);
        Assert.Contains("damaged: views: mt_events: ", lines, StringComparison.Ordinal);
        Assert.DoesNotContain("journal_head", lines, StringComparison.Ordinal);
        // Blobs that readable events name were looked at all the same.
        Assert.Matches("looked at [0-9]+ blobs\n", lines);
        Assert.Equal("", complaints);
        Assert.StartsWith("does not hold: ", lines.TrimEnd().Split('\n')[^1], StringComparison.Ordinal);

        long Bit(long page) => ((page * PageLength) + random.Next(PageLength)) * 8 + random.Next(8);
    }

    private static List<long> Positions(string lines) => [.. lines.Split('\n')
        .Where(line => line.StartsWith("damaged: journal: mt_events seq_id=", StringComparison.Ordinal) && line.Contains("can't be read: invalid page in block", StringComparison.Ordinal))
        .Select(line => long.Parse(line.Split('=', ':')[3], CultureInfo.InvariantCulture)).Order()];

    /// <summary>A page with events, and their positions.</summary>
    private static async Task<((string File, long Page) Page, List<long> Positions)> PageOfEventsAsync(PostgresCluster cluster, TestDatabase database, Random random)
    {
        await using var connection = new NpgsqlConnection(database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select (ctid::text::point)[0]::bigint, seq_id from coffrefort.mt_events order by seq_id", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<(long Page, long Position)>();
        while (await reader.ReadAsync()) rows.Add((reader.GetInt64(0), reader.GetInt64(1)));
        var page = rows[random.Next(rows.Count)].Page;
        return ((await FileAsync(cluster, database, "coffrefort.mt_events"), page), [.. rows.Where(row => row.Page == page).Select(row => row.Position)]);
    }

    private static async Task<string> FileAsync(PostgresCluster cluster, TestDatabase database, string table)
    {
        await using var connection = new NpgsqlConnection(database.OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand("select pg_relation_filepath($1::regclass)", connection) { Parameters = { new() { Value = table } } };
        return Path.Combine(cluster.Folder, "postgres", "data", (string)(await command.ExecuteScalarAsync())!);
    }

    /// <summary>While nothing runs on the files.</summary>
    private static async Task FlipAsync(PostgresCluster cluster, IEnumerable<(string File, long Bit)> flips)
    {
        await cluster.StopAsync();
        foreach (var (path, bit) in flips)
        {
            await using var file = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            file.Position = bit / 8;
            var flipped = (byte)(file.ReadByte() ^ (1 << (int)(bit % 8)));
            file.Position = bit / 8;
            file.WriteByte(flipped);
        }

        await cluster.RestartAsync(durable: false);
    }
}
