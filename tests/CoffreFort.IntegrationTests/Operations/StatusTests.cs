using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoffreFort.Server.Features.Operations;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>What the operator sees and decides, over HTTP.</summary>
public sealed partial class StatusTests : IAsyncLifetime, IDisposable
{
    private CoffreFortServer _server = null!;
    private HttpClient _operator = null!;
    private Receiver _receiver = null!;

    public async Task InitializeAsync()
    {
        _receiver = await Receiver.StartAsync();
        _server = await CoffreFortServer.StartAsync(
            seeded: false, null, "--Alerts:Url", _receiver.Address.ToString(), "--Alerts:Secret", "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "--Alerts:LookEvery", "00:00:00.2",
            "--Node", "the-node");
        _operator = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _server.Address };
        _operator.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        (await _operator.PostAsync("/demo/sign-in/operator", null)).Dispose();
    }

    public async Task DisposeAsync()
    {
        await _server.DisposeAsync();
        await _receiver.DisposeAsync();
    }

    public void Dispose() => _operator.Dispose();

    [Fact]
    [Trait("Requirement", "R-254")]
    [Trait("Requirement", "R-257")]
    public async Task a_view_that_stands_still_is_seen_told_and_passed_over_by_a_recorded_decision()
    {
        await OpenVaultAsync("holder");
        await ReadyAsync(true);
        await _server.JournalDatabase.ExecuteAsync("alter table coffrefort_views.vault_directory add constraint boom check (false) not valid");
        await OpenVaultAsync("holder2");
        // Something else may be amiss a moment earlier.
        JsonNode? problem = null;
        await UntilAsync(async () => (problem = (await ReadyAsync(false))["problems"]!.AsArray().SingleOrDefault(one => (string)one!["code"]! == "subscription-stopped")) is not null);
        Assert.Equal("vault_directory", (string)problem!["subject"]!);
        var position = (await _server.Journal.HeadAsync()).Size;
        Assert.Contains($"Event {position} (vault_opened)", (string)problem["reason"]!, StringComparison.Ordinal);
        await UntilAsync(() => Task.FromResult(_receiver.Calls.Any(call => call.Body.Contains("coffrefort.alert.subscription-stopped", StringComparison.Ordinal))));

        var page = WebUtility.HtmlDecode(await _operator.GetStringAsync("/status"));
        Assert.Contains("violates check constraint", page, StringComparison.Ordinal);
        Assert.Contains("the-node", page, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, await PostAsync("Skip", ("view", "vault_directory"), ("position", $"{position}"), ("Reason", " ")));
        Assert.Equal(HttpStatusCode.Conflict, await PostAsync("Skip", ("view", "vault_directory"), ("position", "1"), ("Reason", "Pas celui-là")));
        Assert.Equal(HttpStatusCode.Redirect, await PostAsync("Retry", ("view", "vault_directory"), ("position", $"{position}"), ("Reason", "Pour voir")));
        Assert.Equal(HttpStatusCode.Redirect, await PostAsync("Skip", ("view", "vault_directory"), ("position", $"{position}"), ("Reason", "Ligne refusée")));
        await ReadyAsync(true);

        var acts = await _server.Journal.FetchStreamAsync(OperatorActs.Stream);
        Assert.Equal([new PoisonEventRetried("vault_directory", position, "Pour voir"), new PoisonEventSkipped("vault_directory", position, "vault_opened", "Ligne refusée")], acts.Select(act => act.Body));
        Assert.All(acts, act => Assert.True(Guid.Parse(act.Header("actor")!) != Guid.Empty));
    }

    [Fact]
    [Trait("Requirement", "R-251")]
    public async Task a_rebuild_asked_for_on_the_page_replaces_the_tables_and_is_recorded()
    {
        await OpenVaultAsync("holder");
        await ReadyAsync(true);
        await _server.JournalDatabase.ExecuteAsync("delete from coffrefort_views.vault_directory");
        Assert.Equal(HttpStatusCode.NotFound, await PostAsync("Rebuild", ("view", "no_such_view")));
        Assert.Equal(HttpStatusCode.Redirect, await PostAsync("Rebuild", ("view", "vault_directory"), ("resume", "false")));

        await UntilAsync(async () => (await _server.Journal.FetchStreamAsync(OperatorActs.Stream)).Count == 2);
        var acts = await _server.Journal.FetchStreamAsync(OperatorActs.Stream);
        var started = Assert.IsType<ViewRebuildStarted>(acts[0].Body);
        var rebuilt = Assert.IsType<ViewRebuilt>(acts[1].Body);
        Assert.Equal((started.Rebuild, "vault_directory", 0), (rebuilt.Rebuild, rebuilt.View, rebuilt.Skipped));
        using var holder = await _server.AsAsync("holder");
        (await holder.GetAsync("/api/v1/vaults/me")).EnsureSuccessStatusCode();
    }

    [Fact]
    [Trait("Requirement", "R-257")]
    public async Task metrics_are_counts_and_durations_and_name_nobody()
    {
        await OpenVaultAsync("holder");
        await ReadyAsync(true);
        using var anonymous = _server.Anonymous();
        var text = await anonymous.GetStringAsync("/metrics");
        foreach (var line in new[]
        {
            "# TYPE coffrefort_journal_events_total counter", "coffrefort_subscription_lag{subscription=\"vault_directory\"} 0", "coffrefort_outbox_waiting 0", "coffrefort_blobs_writable 1",
            "coffrefort_journal_append_duration_seconds_bucket{le=\"+Inf\"}", "http_server_request_duration_seconds_count{",
        })
            Assert.Contains(line, text, StringComparison.Ordinal);
        var names = Label().Matches(text).Select(match => match.Groups[1].Value).ToHashSet();
        Assert.Subset(new HashSet<string> { "le", "outcome", "subscription", "http_route", "http_request_method", "http_response_status_code" }, names);
        Assert.DoesNotMatch("[0-9a-f]{8}-[0-9a-f]{4}-", text);
    }

    private async Task OpenVaultAsync(string persona)
    {
        using var holder = await _server.AsAsync(persona);
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        Assert.True(opened.IsSuccessStatusCode || opened.StatusCode == HttpStatusCode.ServiceUnavailable, $"{opened.StatusCode}");
    }

    private async Task<JsonObject> ReadyAsync(bool wanted)
    {
        using var anonymous = _server.Anonymous();
        JsonObject? answer = null;
        await UntilAsync(async () =>
        {
            using var ready = await anonymous.GetAsync("/health/ready");
            answer = await ready.Content.ReadFromJsonAsync<JsonObject>();
            return ready.IsSuccessStatusCode == wanted;
        });
        return answer!;
    }

    private async Task<HttpStatusCode> PostAsync(string handler, params (string Name, string Value)[] fields)
    {
        var token = Token().Match(await _operator.GetStringAsync("/status")).Groups[1].Value;
        using var form = new FormUrlEncodedContent([.. fields.Select(field => KeyValuePair.Create(field.Name, field.Value)), KeyValuePair.Create("__RequestVerificationToken", token)]);
        using var answer = await _operator.PostAsync($"/status?handler={handler}", form);
        return answer.StatusCode;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); !await holds(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 30 seconds.");
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();

    [GeneratedRegex("[{,]([a-z_]+)=\"")]
    private static partial Regex Label();
}
