using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Operations.Integrity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>What the demo's story leaves behind, with nobody running on it: journal, views, blobs and keys, and fsck over them.</summary>
internal sealed class StoppedStore : IAsyncDisposable
{
    private const int TileWidth = 256;

    private readonly CoffreFortServer _server;
    private readonly NpgsqlConnection _journal;
    private readonly NpgsqlConnection _keys;
    private readonly List<List<BitFlip>> _journalTables;
    private readonly List<List<BitFlip>> _keyTables;

    private StoppedStore(CoffreFortServer server, NpgsqlConnection journal, NpgsqlConnection keys, List<BitFlip> journalColumns, List<BitFlip> keyColumns)
    {
        (_server, _journal, _keys) = (server, journal, keys);
        // Each table has the same chance, events thrice, all views together twice.
        var tables = journalColumns.Where(column => !column.Table.StartsWith("coffrefort_views.", StringComparison.Ordinal)).GroupBy(column => column.Table).Select(group => group.ToList()).ToList();
        var views = journalColumns.Where(column => column.Table.StartsWith("coffrefort_views.", StringComparison.Ordinal)).ToList();
        var events = tables.Single(table => table[0].Table == "coffrefort.mt_events");
        _journalTables = [.. tables, events, events, views, views];
        _keyTables = [.. keyColumns.GroupBy(column => column.Table).Select(group => group.ToList())];
    }

    public IReadOnlyList<string> Blobs => [.. Directory.EnumerateFiles(Path.Combine(_server.Data, "blobs"), "*", SearchOption.AllDirectories)
        .Where(file => Server.Edges.Blobs.BlobName.TryParse(Path.GetFileName(file), out _)).Order(StringComparer.Ordinal)];

    /// <summary>For the command: where all this is.</summary>
    public string[] Settings =>
    [
        "--data", _server.Data, "--set", $"ConnectionStrings:Journal={_server.JournalDatabase.ApplicationConnectionString}",
        "--set", $"ConnectionStrings:Keys={_server.KeyDatabase.ApplicationConnectionString}",
    ];

    public Task ExecuteAsync(string sql) => _server.JournalDatabase.ExecuteAsync(sql);

    /// <summary>Two wrapped keys change places.</summary>
    /// <returns>Their rows as fsck names them, in order.</returns>
    public async Task<(string First, string Second)> ExchangeKeysAsync()
    {
        const string exchange = """
            with two as (select purpose, object, version, blob, wrapped, row_number() over (order by object) as n from object_keys where purpose = 2 order by object limit 2)
            update object_keys k set wrapped = other.wrapped from two one, two other
            where one.n <> other.n and (k.purpose, k.object, k.version, k.blob) = (one.purpose, one.object, one.version, one.blob)
            returning 'object_keys purpose=' || k.purpose || ' object=' || k.object || ' version=' || k.version || ' blob=' || k.blob
            """;
        await using var command = new NpgsqlCommand(exchange, _keys);
        await using var reader = await command.ExecuteReaderAsync();
        var things = new List<string>();
        while (await reader.ReadAsync()) things.Add(reader.GetString(0));
        things.Sort(StringComparer.Ordinal);
        return (things[0], things[1]);
    }

    public static async Task<StoppedStore> TellAsync()
    {
        var server = await CoffreFortServer.StartAsync(arguments: ["--demo:story", "true"]);
        await FillATileAsync(server);
        await CaughtUpAsync(server);
        await server.StopAsync();
        var journal = new NpgsqlConnection(server.JournalDatabase.OwnerConnectionString);
        var keys = new NpgsqlConnection(server.KeyDatabase.OwnerConnectionString);
        await journal.OpenAsync();
        await keys.OpenAsync();
        return new StoppedStore(server, journal, keys, await BitFlipColumns.ReadAsync(journal), await BitFlipColumns.ReadAsync(keys));
    }

    public (NpgsqlConnection Owner, List<BitFlip> Columns) Choose(Random random)
    {
        var chosen = random.Next(_journalTables.Count + _keyTables.Count);
        return chosen < _journalTables.Count ? (_journal, _journalTables[chosen]) : (_keys, _keyTables[chosen - _journalTables.Count]);
    }

    public static string AreaOf(BitFlip flip) => flip.Table.Split('.')[0] switch
    {
        "public" => Areas.Keys,
        "coffrefort_views" => Areas.Views,
        _ => flip.Bare is "mt_event_progression" or "subscriptions" ? Areas.Views : Areas.Journal,
    };

    public async Task<List<Finding>> FindAsync(string? area)
    {
        var found = new List<Finding>();
        await using var scope = _server.Services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<IntegrityCheck>(scope.ServiceProvider).RunAsync(new IntegrityReport(found.Add), area is null ? null : [area]);
        return found;
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _keys.DisposeAsync();
        await _server.DisposeAsync();
    }

    /// <summary>The story is shorter than a tile: somebody reads one document often.</summary>
    private static async Task FillATileAsync(CoffreFortServer server)
    {
        await using var connection = new NpgsqlConnection(server.JournalDatabase.ApplicationConnectionString);
        await connection.OpenAsync();
        await using var asked = new NpgsqlCommand("select id from coffrefort.mt_streams where type = 'document' order by id limit 1", connection);
        var session = server.Journal.OpenSession(Actor.Clockwork("fill").Metadata());
        session.Append<Document>((Guid)(await asked.ExecuteScalarAsync())!, [.. Enumerable.Range(0, TileWidth).Select(_ => new DocumentRead(1, Guid.Empty, Uses.Download))]);
        await session.SaveChangesAsync();
        await JournalTiles.ResumeAsync(connection, (await server.Journal.HeadAsync()).Size);
    }

    private static async Task CaughtUpAsync(CoffreFortServer server)
    {
        var subscriptions = server.Services.GetRequiredService<Subscriptions>();
        var head = await server.Journal.HeadAsync();
        foreach (var view in subscriptions.Statuses) Assert.True(await subscriptions.WaitForAsync(view.Name, head.Size, TimeSpan.FromSeconds(30)));
    }
}
