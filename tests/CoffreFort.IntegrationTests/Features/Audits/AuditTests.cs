using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Mutations;
using CoffreFort.Server.Demo;

namespace CoffreFort.IntegrationTests.Features.Audits;

/// <summary>An auditor replays a vault, over HTTP.</summary>
public sealed class AuditTests
{
    [Fact]
    public async Task before_a_revocation_access_stood_and_after_it_it_does_not()
    {
        await using var story = await PostingStory.InToulonAsync();
        var document = await story.DepositAsync("posting-order");
        var consent = await story.GrantAsync(Agencies.AtlasToulon, "defence-housing", document);
        Assert.True(await story.ReadsAsync("atlas-toulon", consent, document));
        var before = await story.Journal.NowAsync();
        Assert.True((await story.Holder.PostAsync($"/api/v1/consents/{consent}/revoke", null)).IsSuccessStatusCode);

        var auditor = await story.Server.AsAsync("auditor");
        var audit = await OpenAsync(auditor, story.Vault);
        var then = await StateAsync(auditor, audit, story.Vault, before);
        var reader = then["readers"]!.AsArray().Single()!;
        Assert.Equal((Agencies.AtlasToulon.Id, document, consent), (Id(reader["agency"]), Id(reader["document"]), Id(reader["consent"])));
        Assert.Equal("active", (string)then["consents"]!.AsArray().Single()!["state"]!);
        Assert.Equal(Personas.AtlasToulon.Id, Id(then["reads"]!.AsArray().Single()!["person"]));

        var now = await StateAsync(auditor, audit, story.Vault, null);
        Assert.Empty(now["readers"]!.AsArray());
        Assert.Equal("revoked", (string)now["consents"]!.AsArray().Single()!["state"]!);
        Assert.Single(now["reads"]!.AsArray());
        var ancient = await StateAsync(auditor, audit, story.Vault, before.AddYears(-10));
        Assert.Equal((0, 0L), (ancient["documents"]!.AsArray().Count, (long)ancient["position"]!));
    }

    [Fact]
    public async Task the_timeline_pages_through_what_happened_and_tells_nothing_personal()
    {
        await using var story = await PostingStory.InToulonAsync();
        await story.GrantAsync(Agencies.AtlasToulon, "defence-housing", await story.DepositAsync("posting-order"));
        var auditor = await story.Server.AsAsync("auditor");
        var next = $"/api/v1/audits/{await OpenAsync(auditor)}/timeline?vault={story.Vault}&limit=2";
        var types = new List<string>();
        while (next is not null)
        {
            var text = await auditor.GetStringAsync(next);
            Assert.DoesNotContain(Personas.Holder.Name, text, StringComparison.Ordinal);
            Assert.DoesNotContain("OM 2026", text, StringComparison.Ordinal);
            var page = JsonNode.Parse(text)!;
            types.AddRange(page["items"]!.AsArray().Select(line => (string)line!["type"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(
            ["vault_opened", "posting_announced", "mutation_announced", "mutation_took_effect", "space_assigned", "document_deposited", "posting_consent_given", "consent_granted"],
            types);
    }

    [Fact]
    public async Task a_question_out_of_scope_of_another_auditor_or_about_the_future_is_refused_and_each_answer_is_recorded()
    {
        await using var story = await PostingStory.InToulonAsync();
        var auditor = await story.Server.AsAsync("auditor");
        var other = await (await (await story.Server.AsAsync("holder2")).PostAsync("/api/v1/vaults", null)).Content.ReadFromJsonAsync<JsonObject>();
        var audit = await OpenAsync(auditor, story.Vault);
        var path = $"/api/v1/audits/{audit}/state?vault=";
        foreach (var (query, status) in new[]
        {
            ($"{other!["id"]}", HttpStatusCode.Forbidden), ($"{story.Vault}&at=2999-01-01T00:00:00Z", HttpStatusCode.UnprocessableEntity),
            ($"{story.Vault}&at=yesterday", HttpStatusCode.BadRequest), ("x", HttpStatusCode.BadRequest),
        })
            Assert.Equal(status, (await auditor.GetAsync(path + query)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"/api/v1/audits/{Guid.NewGuid()}/state?vault={story.Vault}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await auditor.GetAsync($"/api/v1/audits/{await OpenAsync(auditor)}/state?vault={Guid.NewGuid()}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await story.Holder.GetAsync(path + story.Vault)).StatusCode);
        Assert.Empty((await story.EventsAsync("audit_queried")));

        await StateAsync(auditor, audit, story.Vault, null);
        Assert.Single(await story.EventsAsync("audit_queried"));
        await story.AdvanceAsync(DateTimeOffset.UtcNow.AddDays(40));
        var late = await auditor.GetAsync(path + story.Vault);
        Assert.Equal("audit-ended", (string)(await late.Content.ReadFromJsonAsync<JsonObject>())!["code"]!);
    }

    [Theory]
    [InlineData("""{}""", "reason-needed")]
    [InlineData("""{"reason":" "}""", "reason-needed")]
    [InlineData("""{"reason":"Plainte","vaults":["CF-0000"]}""", "vault-unknown")]
    [InlineData("""{"reason":"Plainte"}""", "scope-needed")]
    [InlineData("""{"reason":"Plainte","vaults":[]}""", "scope-needed")]
    [InlineData("""{"reason":"Plainte","vaults":["CF-0000"],"allVaults":true}""", "scope-needed")]
    [InlineData("""{"reason":"Plainte","allVaults":true,"until":"2020-01-01T00:00:00Z"}""", "until-past")]
    public async Task an_audit_needs_a_reason_known_vaults_and_an_end_to_come(string body, string code)
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false);
        using var content = new StringContent(body, System.Text.Encoding.UTF8, "application/json");
        var answer = await (await server.AsAsync("auditor")).PostAsync("/api/v1/audits", content);
        Assert.Equal((HttpStatusCode.UnprocessableEntity, code), (answer.StatusCode, (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]!));
    }

    private static async Task<string> OpenAsync(HttpClient auditor, params Guid[] vaults)
    {
        var answer = await auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "Plainte d'un titulaire", vaults, allVaults = vaults.Length == 0 });
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }

    private static async Task<JsonObject> StateAsync(HttpClient auditor, string audit, Guid vault, DateTimeOffset? at) =>
        (await auditor.GetFromJsonAsync<JsonObject>($"/api/v1/audits/{audit}/state?vault={vault}{(at is { } instant ? $"&at={Uri.EscapeDataString(instant.ToString("O"))}" : "")}"))!;

    private static Guid Id(JsonNode? node) => Guid.Parse((string)node!);
}
