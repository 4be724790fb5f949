using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Operations.Integrity;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>Each thing that is the matter is told once when it begins and once when it is over, however many nodes look, and its page says since when.</summary>
public sealed class AlertTests : IAsyncLifetime
{
    private readonly Troubled _part = new();
    private CoffreFortServer _server = null!;

    public async Task InitializeAsync() => _server = await StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-257")]
    public async Task what_begins_is_told_once_by_all_nodes_and_what_is_over_once_more()
    {
        await using var other = await _server.AnotherNodeAsync(services => services.AddSingleton<IReadinessPart>(_part), Settings);
        CoffreFortServer[] nodes = [_server, other];
        _part.Problem = new ReadinessProblem("disk-tired", "the-disk", "It is tired.");
        for (var round = 0; round < 3; round++) await Task.WhenAll(nodes.Select(LookAsync));
        var since = (DateTimeOffset)(await ReadyAsync(other))!["since"]!;
        Assert.Equal(since, (DateTimeOffset)(await ReadyAsync(_server))!["since"]!);
        Assert.Equal(["coffrefort.alert.disk-tired"], await ToldAsync());

        using var browser = await PageBrowser.AsAsync(other, "operator");
        Assert.Contains("It is tired.", (await browser.GetAsync("/status")).Text, StringComparison.Ordinal);
        Assert.Contains("Depuis le", (await browser.GetAsync("/status")).Text, StringComparison.Ordinal);

        _part.Problem = null;
        await _server.JournalDatabase.ExecuteAsync("update coffrefort.problems set seen = seen - interval '1 hour'");
        for (var round = 0; round < 3; round++) await Task.WhenAll(nodes.Select(LookAsync));
        Assert.Equal(["coffrefort.alert.disk-tired", "coffrefort.alert-over.disk-tired"], await ToldAsync());

        // The same trouble again is another occurrence.
        _part.Problem = new ReadinessProblem("disk-tired", "the-disk", "It is tired again.");
        await Task.WhenAll(nodes.Select(LookAsync));
        Assert.Equal(3, (await ToldAsync()).Count);
        Assert.True((DateTimeOffset)(await ReadyAsync(other))!["since"]! > since);
    }

    [Fact]
    public async Task what_comes_and_goes_at_short_intervals_is_one_occurrence()
    {
        for (var round = 0; round < 4; round++)
        {
            _part.Problem = round % 2 == 0 ? new ReadinessProblem("disk-tired", "the-disk", "It is tired.") : null;
            await LookAsync(_server);
        }

        Assert.Equal(["coffrefort.alert.disk-tired"], await ToldAsync());
    }

    [Fact]
    [Trait("Requirement", "R-257")]
    public async Task damage_that_the_sweep_found_a_view_that_does_not_move_and_a_stopped_log_are_told()
    {
        await _server.Services.GetRequiredService<SweepRecord>().AddAsync(new Finding(Finding.Kinds.Damaged, Areas.Blobs, "blob ab12", "missing"), DateTimeOffset.UtcNow, default);
        await _server.Services.GetRequiredService<SweepRecord>().MoveAsync(new SweepStatus(1, DateTimeOffset.UtcNow, null, 1, []), default);
        // Held by nobody that moves it: its lock is taken, its cursor is old, and events wait.
        await using var holder = new Npgsql.NpgsqlConnection(_server.JournalDatabase.OwnerConnectionString);
        await holder.OpenAsync();
        await using (var hold = new Npgsql.NpgsqlCommand(
            """
            select pg_terminate_backend(pid) from pg_locks where locktype = 'advisory' and (classid::bigint << 32 | objid::bigint) = hashtextextended('coffrefort:audit_list', 0);
            select pg_advisory_lock(hashtextextended('coffrefort:audit_list', 0))
            """, holder))
            await hold.ExecuteNonQueryAsync();
        using (var person = await _server.AsAsync("holder")) (await person.PostAsync("/api/v1/vaults", null)).Dispose();
        await _server.Services.GetRequiredService<Checkpointer>().CoverAsync(1, TimeSpan.FromSeconds(60));
        await _server.Blobs.DeleteAsync(StoredBlobs.Checkpoint);
        await _server.JournalDatabase.ExecuteAsync("""
            update coffrefort.mt_events set timestamp = timestamp - interval '1 minute' where seq_id = 1;
            update coffrefort.mt_event_progression set last_seq_id = 0, last_updated = last_updated - interval '1 minute' where name = 'audit_list'
            """);
        await UntilAsync(async () =>
        {
            await LookAsync(_server);
            var told = await ToldAsync();
            return new[] { "integrity-damaged", "behind-and-not-moving", "log-stopped" }.All(code => told.Contains("coffrefort.alert." + code));
        });
        for (var round = 0; round < 3; round++) await LookAsync(_server);
        var all = await ToldAsync();
        Assert.Equal(all.Distinct().Count(), all.Count);
        // More damage of the same kind is known already; damage in another area is news.
        foreach (var area in new[] { Areas.Blobs, Areas.Keys })
            await _server.Services.GetRequiredService<SweepRecord>().AddAsync(new Finding(Finding.Kinds.Damaged, area, "another", "missing"), DateTimeOffset.UtcNow, default);
        for (var round = 0; round < 2; round++) await LookAsync(_server);
        Assert.Equal(2, (await ToldAsync()).Count(type => type == "coffrefort.alert.integrity-damaged"));
        using var browser = await PageBrowser.AsAsync(_server, "operator");
        var page = (await browser.GetAsync("/status")).Text;
        Assert.Contains("points à surveiller", page, StringComparison.Ordinal);
        foreach (var title in new[] { "Des éléments conservés sont abîmés", "En retard, sans avancer", "Le journal public ne peut plus être signé" }) Assert.Contains(title, page, StringComparison.Ordinal);
    }

    // No clock of its own: a test looks when it wants to. Nothing is sent: what is told stands in the outbox.
    private static string[] Settings => ["--Alerts:Url", "http://127.0.0.1:9/hook", "--Alerts:Secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--Alerts:LookEvery", "1.00:00:00", "--Outbox:LookEvery", "1.00:00:00", "--Integrity:After", "1.00:00:00"];

    private Task<CoffreFortServer> StartAsync() => CoffreFortServer.StartAsync(seeded: false, services => services.AddSingleton<IReadinessPart>(_part), Settings);

    private static Task LookAsync(CoffreFortServer node) => node.Services.GetServices<IHostedService>().OfType<AlertClock>().Single().LookAsync(default);

    private static async Task<JsonNode?> ReadyAsync(CoffreFortServer node)
    {
        using var anonymous = node.Anonymous();
        using var answer = await anonymous.GetAsync("/health/ready");
        return JsonNode.Parse(await answer.Content.ReadAsStringAsync())!["problems"]!.AsArray().Single(problem => (string)problem!["code"]! == "disk-tired");
    }

    private async Task<List<string>> ToldAsync()
    {
        await using var database = Npgsql.NpgsqlDataSource.Create(_server.JournalDatabase.OwnerConnectionString);
        await using var command = database.CreateCommand("select type from coffrefort.outbox order by created, type");
        await using var reader = await command.ExecuteReaderAsync();
        var told = new List<string>();
        while (await reader.ReadAsync()) told.Add(reader.GetString(0));
        return told;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await holds(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
    }

    private sealed class Troubled : IReadinessPart
    {
        public ReadinessProblem? Problem { get; set; }

        public string Name => "trouble";

        public Task<ReadinessReport> LookAsync(CancellationToken cancellation) => Task.FromResult(new ReadinessReport(new { }, Problem is null ? [] : [Problem]));
    }
}
