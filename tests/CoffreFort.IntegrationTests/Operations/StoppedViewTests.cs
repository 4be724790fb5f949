using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features;
using CoffreFort.Server.Features.Operations;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A view that stands still is said in the log at once, and keeps no server from starting: its page is where one decides.</summary>
public sealed class StoppedViewTests : IAsyncLifetime, IDisposable
{
    private const string Canary = "Jugement-de-divorce-4712";

    private readonly KeptLog _log = new();
    private CoffreFortServer _server = null!;

    public async Task InitializeAsync() => _server = await CoffreFortServer.StartAsync(
        seeded: true, services => services.AddSingleton<ILoggerProvider>(_log), "--demo:story", "true", "--Logging:LogLevel:CoffreFort", "Information");

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _log.Dispose();

    [Fact]
    [Trait("Requirement", "R-257")]
    [Trait("Requirement", "R-265")]
    public async Task it_is_logged_once_and_another_server_starts_and_lets_the_operator_decide()
    {
        // Refuses every row, and counts: what a sequence gave out is not rolled back.
        await _server.JournalDatabase.ExecuteAsync($"""
            create sequence coffrefort_views.tries;
            grant usage on coffrefort_views.tries to {PostgresCluster.ApplicationRole};
            alter table coffrefort_views.document_list add constraint boom check (nextval('coffrefort_views.tries') < 0) not valid
            """);
        var position = await DepositAsync();
        await UntilAsync(() => _log.Lines.Any(line => line.Text.Contains("stands still", StringComparison.Ordinal)));
        await RetryAsync(position);

        // Like scripts/run after a restart: the whole demo, whose story reads the view that stands.
        await using (var restarted = await _server.AnotherNodeAsync(null, "--demo:seed", "true", "--demo:story", "true"))
        {
            using var anonymous = restarted.Anonymous();
            Assert.Equal(HttpStatusCode.OK, (await anonymous.GetAsync("/health/live")).StatusCode);
            Assert.Equal(HttpStatusCode.ServiceUnavailable, (await anonymous.GetAsync("/health/ready")).StatusCode);
            using var browser = await PageBrowser.AsAsync(restarted, "operator");
            Assert.Contains($"document_list est arrêté à l'événement {position}", (await browser.GetAsync("/status")).Text, StringComparison.Ordinal);
            var skipped = await browser.SendAsync("/status", "Skip", ("view", "document_list"), ("position", $"{position}"), ("Reason", "Ligne refusée"));
            Assert.Equal(HttpStatusCode.Redirect, skipped.Status);
        }

        await UntilAsync(() => _log.Lines.Any(line => line.Text.Contains("document_list goes on", StringComparison.Ordinal)));
        var (level, text) = Assert.Single(_log.Lines, line => line.Text.Contains("stands still", StringComparison.Ordinal));
        Assert.Equal(LogLevel.Error, level);
        foreach (var part in new[] { "document_list", $"event {position} (document_deposited)", "/status", "coffrefort retry" }) Assert.Contains(part, text, StringComparison.Ordinal);
        Assert.DoesNotContain(_log.Lines, line => line.Text.Contains(Canary, StringComparison.OrdinalIgnoreCase));
        Assert.IsType<PoisonEventSkipped>((await _server.Journal.FetchStreamAsync(OperatorActs.Stream))[^1].Body);
    }

    /// <summary>By the operator; returns when it has been refused again. Should that be logged, it is before the view goes on.</summary>
    private async Task RetryAsync(long position)
    {
        var before = await TriesAsync();
        using var browser = await PageBrowser.AsAsync(_server, "operator");
        var retried = await browser.SendAsync("/status", "Retry", ("view", "document_list"), ("position", $"{position}"), ("Reason", "Contrainte en cours de correction"));
        Assert.Equal(HttpStatusCode.Redirect, retried.Status);
        await UntilAsync(async () => await TriesAsync() > before);
    }

    private async Task<long> TriesAsync()
    {
        await using var database = NpgsqlDataSource.Create(_server.JournalDatabase.OwnerConnectionString);
        await using var command = database.CreateCommand("select last_value from coffrefort_views.tries");
        return (long)(await command.ExecuteScalarAsync())!;
    }

    private async Task<long> DepositAsync()
    {
        using var holder = await _server.AsAsync("holder");
        var vault = (string)(await holder.GetFromJsonAsync<JsonObject>("/api/v1/vaults/me"))!["id"]!;
        using var answer = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title={Canary}", new ByteArrayContent([1, 2, 3]));
        return (await _server.Journal.ReadAllAsync().LastAsync(stored => stored.Type == "document_deposited")).Position;
    }

    private static Task UntilAsync(Func<bool> holds) => UntilAsync(() => Task.FromResult(holds()));

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await holds(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
    }
}
