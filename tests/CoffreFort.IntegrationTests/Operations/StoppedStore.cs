using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Checkpoints;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Timestamps;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Operations.Integrity;
using CoffreFort.Transparency;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>
/// What the demo's story leaves behind, with nobody running on it: journal, views, blobs and keys, and fsck over them. Its log was witnessed and timestamped, ended by a
/// restore, and goes on as another one, which was too.
/// </summary>
internal sealed class StoppedStore : IAsyncDisposable
{
    private const int TileWidth = 256;

    private readonly CoffreFortServer _server;
    private readonly KeyedWitness _witness;
    private readonly NpgsqlConnection _journal;
    private readonly NpgsqlConnection _keys;
    private readonly List<List<BitFlip>> _journalTables;
    private readonly List<List<BitFlip>> _keyTables;

    private StoppedStore(
        CoffreFortServer server, KeyedWitness witness, NpgsqlConnection journal, NpgsqlConnection keys, List<BitFlip> journalColumns, List<BitFlip> keyColumns)
    {
        (_server, _witness, _journal, _keys) = (server, witness, journal, keys);
        // Each table has the same chance, events thrice, all views together twice.
        var tables = journalColumns.Where(column => !column.Table.StartsWith("coffrefort_views.", StringComparison.Ordinal)).GroupBy(column => column.Table).Select(group => group.ToList()).ToList();
        var views = journalColumns.Where(column => column.Table.StartsWith("coffrefort_views.", StringComparison.Ordinal)).ToList();
        var events = tables.Single(table => table[0].Table == "coffrefort.mt_events");
        _journalTables = [.. tables, events, events, views, views];
        _keyTables = [.. keyColumns.GroupBy(column => column.Table).Select(group => group.ToList())];
    }

    public StoredBlobs Blobs => _server.Blobs;

    public string Data => _server.Data;

    public IServiceProvider Services => _server.Services;

    public TestDatabase JournalDatabase => _server.JournalDatabase;

    public TestDatabase KeyDatabase => _server.KeyDatabase;

    /// <summary>For the command: where all this is.</summary>
    public string[] Where =>
    [
        "--data", _server.Data, "--set", $"ConnectionStrings:Journal={_server.JournalDatabase.ApplicationConnectionString}",
        "--set", $"ConnectionStrings:Keys={_server.KeyDatabase.ApplicationConnectionString}", .. _server.Blobs.Pairs.SelectMany(pair => new[] { "--set", pair }),
    ];

    /// <summary>The same, and who witnesses and timestamps.</summary>
    public string[] Settings =>
    [
        .. Where, "--set", "Witness:Url=http://127.0.0.1:9", "--set", $"Witness:Key={_witness.Key}", .. OpenSslEdge.Settings.SelectMany(setting => new[] { "--set", setting }),
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

    /// <param name="on">The cluster; that of all tests when left out.</param>
    public static async Task<StoppedStore> TellAsync(PostgresCluster? on = null)
    {
        var witness = await KeyedWitness.CreateAsync();
        var server = await CoffreFortServer.StartOnAsync(
            on ?? await PostgresCluster.Shared,
            seeded: true,
            services => services.AddSingleton(new Witnesses([witness], required: false)).AddSingleton(new WitnessKeys([witness.Key])).AddSingleton<ITimestampAuthority, OpenSslEdge>(),
            ["--demo:story", "true", "--Checkpoints:Every", "01:00:00", .. OpenSslEdge.Settings.Select(setting => $"--{setting}")]);
        await FillATileAsync(server);
        await OpenAnAuditAsync(server);
        await AskToEraseAsync(server);
        await CaughtUpAsync(server);
        await server.Services.GetRequiredService<Checkpointer>().CoverAsync((await server.Journal.HeadAsync()).Size, TimeSpan.FromSeconds(60));
        await server.Services.GetRequiredService<Sealer>().SealAsync(default);
        await server.StopAsync();
        await ContinueAsync(server.Services);
        await server.Services.GetRequiredService<Sealer>().SealAsync(default);
        var journal = new NpgsqlConnection(server.JournalDatabase.OwnerConnectionString);
        var keys = new NpgsqlConnection(server.KeyDatabase.OwnerConnectionString);
        await journal.OpenAsync();
        await keys.OpenAsync();
        return new StoppedStore(server, witness, journal, keys, await BitFlipColumns.ReadAsync(journal), await BitFlipColumns.ReadAsync(keys));
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
        _ => flip.Bare is "mt_event_progression" or "subscriptions" ? Areas.Views : flip.Bare is "journal_timestamps" or "journal_origins" ? Areas.Log : Areas.Journal,
    };

    /// <param name="area">Null for all.</param>
    /// <param name="clock">That of the check; the machine's when left out.</param>
    public async Task<List<Finding>> FindAsync(string? area, TimeProvider? clock = null)
    {
        var found = new List<Finding>();
        await CheckAsync(found.Add, area, clock);
        return found;
    }

    public async Task<IntegrityReport> CheckAsync(Action<Finding> found, string? area, TimeProvider? clock = null)
    {
        var report = new IntegrityReport(found);
        await using var scope = _server.Services.CreateAsyncScope();
        await ActivatorUtilities.CreateInstance<IntegrityCheck>(scope.ServiceProvider, clock ?? TimeProvider.System).RunAsync(report, area is null ? null : [area]);
        return report;
    }

    public async ValueTask DisposeAsync()
    {
        await _journal.DisposeAsync();
        await _keys.DisposeAsync();
        await _server.DisposeAsync();
        _witness.Dispose();
    }

    /// <summary>Beside the blobs stands a checkpoint of three events more than the journal holds: as after the restore of a backup. An operator goes on with what is there.</summary>
    private static async Task ContinueAsync(IServiceProvider services)
    {
        var blobs = services.GetRequiredService<IBlobStore>();
        var size = (await services.GetRequiredService<EventStore.Journal>().HeadAsync()).Size;
        var lost = new Checkpoint(LogSettings.DefaultOrigin, size + 3, System.Security.Cryptography.SHA256.HashData(Encoding.UTF8.GetBytes("lost"))).ToString();
        var note = new SignedNote(lost, [services.GetRequiredService<LogKeys>().Sign(lost, LogSettings.DefaultOrigin)]).ToString();
        Assert.True(await blobs.ReplaceCheckpointAsync(note, (await blobs.ReadCheckpointAsync())!.Tag));
        await using var scope = services.CreateAsyncScope();
        Assert.NotNull((await ActivatorUtilities.CreateInstance<RestoredJournal>(scope.ServiceProvider).AcceptAsync("op", "Disque perdu", default)).Accepted?.Act.ContinuedAs);
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

    /// <summary>The story has none, and their list would be empty.</summary>
    private static async Task OpenAnAuditAsync(CoffreFortServer server)
    {
        await using var scope = server.Services.CreateAsyncScope();
        var audit = Guid.CreateVersion7();
        await scope.ServiceProvider.GetRequiredService<KeyStore>().CreateOwnerAsync(audit, default);
        var reason = await scope.ServiceProvider.GetRequiredService<RequestKeys>().SealAsync(audit, "Contrôle", default);
        var session = server.Journal.OpenSession(Actor.Clockwork("open").Metadata());
        session.StartStream<Audit>(audit, new AuditOpened(Guid.CreateVersion7(), reason!, [], DateTimeOffset.UtcNow.AddDays(1)));
        await session.SaveChangesAsync();
    }

    /// <summary>The story has none: one waits to be erased, and a hold puts it off.</summary>
    private static async Task AskToEraseAsync(CoffreFortServer server)
    {
        using var holder = await server.AsAsync("holder2");
        using var exploitant = await server.AsAsync("operator");
        var vault = (await holder.GetFromJsonAsync<JsonObject>("/api/v1/vaults/me"))!["id"];
        var document = (await holder.GetFromJsonAsync<JsonObject>($"/api/v1/vaults/{vault}/documents"))!["items"]![0]!["id"];
        (await holder.DeleteAsync(new Uri($"/api/v1/documents/{document}", UriKind.Relative))).EnsureSuccessStatusCode();
        var until = DateTimeOffset.UtcNow.AddDays(60);
        var order = new { subject = (Guid)document!, ground = "Réquisition", reviewOn = DateOnly.FromDateTime(until.UtcDateTime).AddDays(-5), until };
        (await exploitant.PostAsJsonAsync("/api/v1/legal-holds", order)).EnsureSuccessStatusCode();
    }

    private static async Task CaughtUpAsync(CoffreFortServer server)
    {
        var subscriptions = server.Services.GetRequiredService<Subscriptions>();
        var head = await server.Journal.HeadAsync();
        foreach (var view in subscriptions.Statuses) Assert.True(await subscriptions.WaitForAsync(view.Name, head.Size, TimeSpan.FromSeconds(30)));
    }
}
