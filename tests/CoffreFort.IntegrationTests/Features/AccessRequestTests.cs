using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Agencies;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>Ask, preview, narrow, approve, refuse, withdraw, over HTTP: the town hall of Brest asks the demo's holder for the school file.</summary>
public sealed class AccessRequestTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private HttpClient _holder = null!;
    private HttpClient _clerk = null!;
    private string _vault = "";
    private string _address = "";

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: true);
        _holder = await _server.AsAsync("holder2");
        _clerk = await _server.AsAsync("clerk-town");
        var vault = await Json(await _holder.PostAsync("/api/v1/vaults", null));
        (_vault, _address) = ((string)vault["id"]!, (string)vault["address"]!);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-009")]
    public async Task a_request_is_previewed_narrowed_and_agreed_to()
    {
        var card = await DepositAsync("identity-card", "&title=Ma carte&expiresOn=2035-01-01");
        var book = await DepositAsync("family-record-book");
        await DepositAsync("tax-notice");
        var asked = await AskAsync(new { vault = _address.ToLowerInvariant(), procedure = "school-enrolment", message = "Bonjour,\nmerci." });
        Assert.Equal(HttpStatusCode.Created, asked.StatusCode);
        Assert.True(asked.Headers.Contains("Journal-Position"));
        var id = (string)(await Json(asked))["id"]!;

        var seen = await Json(await _holder.GetAsync($"/api/v1/access-requests/{id}"));
        Assert.Equal("pending", (string)seen["state"]!);
        Assert.Equal("Bonjour,\nmerci.", (string)seen["message"]!);
        Assert.Equal("Maëlle Kerbrat", (string)seen["clerkName"]!);
        var shown = Pieces(seen, "satisfied");
        Assert.Equal([book, card], shown.Select(piece => (string)piece["document"]!));
        Assert.Equal("Ma carte", (string)shown[1]["title"]!);
        Assert.Equal(["vaccination-record"], Pieces(seen, "missing").Select(piece => (string)piece["asked"]!));
        Assert.Equal(["tax-notice", "payslip"], Pieces(seen, "not-due").Select(piece => (string)piece["asked"]!).Where(type => type is "tax-notice" or "payslip"));

        var notAsked = await AnswerAsync(id, "approve", new { pieces = new[] { new { document = Guid.NewGuid(), version = 1 } } });
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "piece-not-asked"), (notAsked.StatusCode, await Code(notAsked)));

        var approved = await AnswerAsync(id, "approve", new { pieces = new[] { new { document = card, version = 1 } }, uses = 2, delivery = "view" });
        Assert.Equal(HttpStatusCode.OK, approved.StatusCode);
        var view = await Json(approved);
        Assert.Equal("approved", (string)view["state"]!);
        Assert.NotNull(view["consent"]);
        Assert.Equal([card], Pieces(view, "satisfied").Select(piece => (string)piece["document"]!));

        var again = await AnswerAsync(id, "approve", new { });
        Assert.Equal((HttpStatusCode.Conflict, "already-answered"), (again.StatusCode, await Code(again)));
        Assert.Equal((string)view["consent"]!, (string)(await Json(await _clerk.GetAsync($"/api/v1/access-requests/{id}")))["consent"]!);
    }

    [Fact]
    [Trait("Requirement", "R-007")]
    public async Task before_consent_the_agency_learns_types_and_statuses_and_no_document()
    {
        var card = await DepositAsync("identity-card", "&title=TRESOR-DE-FAMILLE&expiresOn=2035-01-01");
        var answer = await AskAsync(new { vault = _vault, procedure = "school-enrolment" });
        var text = await answer.Content.ReadAsStringAsync();

        Assert.DoesNotContain(card, text, StringComparison.Ordinal);
        Assert.DoesNotContain("TRESOR", text, StringComparison.Ordinal);
        Assert.Equal(["identity-card"], Pieces(JsonNode.Parse(text)!, "satisfied").Select(piece => (string)piece["evidenceType"]!));
    }

    [Fact]
    [Trait("Requirement", "R-011")]
    public async Task what_a_consent_covers_is_not_asked_again()
    {
        await DepositAsync("identity-card", "&expiresOn=2035-01-01");
        var (id, consent) = await AgreedAsync();

        var again = await AskAsync(new { vault = _address, procedure = "school-enrolment" });
        Assert.Equal(HttpStatusCode.OK, again.StatusCode);
        var view = await Json(again);
        Assert.Equal(("resolved", consent), ((string)view["state"]!, (string)view["consent"]!));
        Assert.NotEqual(id, (string)view["id"]!);

        // Something new could be shown now: that is a question for the person.
        await DepositAsync("family-record-book");
        Assert.Equal(HttpStatusCode.Created, (await AskAsync(new { vault = _address, procedure = "school-enrolment" })).StatusCode);
    }

    [Fact]
    public async Task two_approvals_racing_give_one_consent()
    {
        await DepositAsync("identity-card", "&expiresOn=2035-01-01");
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment" })))["id"]!;

        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => AnswerAsync(id, "approve", new { })));

        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.OK);
        foreach (var answer in answers.Where(answer => answer.StatusCode != HttpStatusCode.OK)) Assert.Equal("already-answered", await Code(answer));
        Assert.Equal((1, 1), (await CountAsync("access_approved"), await CountAsync("consent_granted")));
    }

    [Fact]
    public async Task each_command_sent_twice_under_one_key_gives_the_first_result()
    {
        await DepositAsync("identity-card", "&expiresOn=2035-01-01");
        var ask = new { vault = _vault, procedure = "school-enrolment" };
        var first = await Json(await AskAsync(ask, "a-key"));
        var second = await AskAsync(ask, "a-key");
        Assert.Equal((HttpStatusCode.Created, (string)first["id"]!), (second.StatusCode, (string)(await Json(second))["id"]!));

        var approved = await Json(await AnswerAsync((string)first["id"]!, "approve", new { }, "b-key"));
        var repeated = await AnswerAsync((string)first["id"]!, "approve", new { }, "b-key");
        Assert.Equal((HttpStatusCode.OK, (string)approved["consent"]!), (repeated.StatusCode, (string)(await Json(repeated))["consent"]!));
        Assert.Equal((1, 1), (await CountAsync("access_requested"), await CountAsync("consent_granted")));
    }

    [Fact]
    public async Task an_approval_of_another_version_of_the_request_is_refused()
    {
        await DepositAsync("identity-card", "&expiresOn=2035-01-01");
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment" })))["id"]!;
        var tag = (await _holder.GetAsync($"/api/v1/access-requests/{id}")).Headers.ETag!.Tag;
        using var stale = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/access-requests/{id}/approve") { Content = JsonContent.Create(new { }) };
        stale.Headers.TryAddWithoutValidation("If-Match", "\"7\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await _holder.SendAsync(stale)).StatusCode);
        using var fresh = new HttpRequestMessage(HttpMethod.Post, $"/api/v1/access-requests/{id}/approve") { Content = JsonContent.Create(new { }) };
        fresh.Headers.TryAddWithoutValidation("If-Match", tag);
        Assert.Equal(HttpStatusCode.OK, (await _holder.SendAsync(fresh)).StatusCode);
    }

    [Fact]
    public async Task a_request_is_refused_with_a_reason_that_the_agency_reads()
    {
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment" })))["id"]!;
        Assert.Equal("refused", (string)(await Json(await AnswerAsync(id, "refuse", new { reason = "Je viens au guichet." })))["state"]!);
        Assert.Equal("Je viens au guichet.", (string)(await Json(await _clerk.GetAsync($"/api/v1/access-requests/{id}")))["reason"]!);
    }

    [Fact]
    public async Task an_agency_withdraws_what_nobody_answered()
    {
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment" })))["id"]!;
        var stranger = await _server.AsAsync("clerk-caf");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsync($"/api/v1/access-requests/{id}/withdraw", null)).StatusCode);
        Assert.Equal("withdrawn", (string)(await Json(await _clerk.PostAsync($"/api/v1/access-requests/{id}/withdraw", null)))["state"]!);
        Assert.Equal("request-withdrawn", await Code(await AnswerAsync(id, "approve", new { })));
        var lists = await Json(await _clerk.GetAsync("/api/v1/access-requests?state=withdrawn"));
        Assert.Equal([id], lists["items"]!.AsArray().Select(item => (string)item!["id"]!));
        Assert.Empty((await Json(await _holder.GetAsync("/api/v1/access-requests?state=pending")))["items"]!.AsArray());
    }

    [Fact]
    public async Task an_agency_asks_within_its_right_and_its_kind()
    {
        var caf = await _server.AsAsync("clerk-caf");
        Assert.Equal("procedure-not-for-agency", await Code(await caf.PostAsJsonAsync("/api/v1/access-requests", new { vault = _vault, procedure = "school-enrolment" })));
        var session = _server.Journal.OpenSession();
        session.Append<Agency>(CoffreFort.Server.Demo.Agencies.TownBrest.Id, new ProcedureWithdrawn("school-enrolment"));
        await session.SaveChangesAsync();
        var refused = await AskAsync(new { vault = _vault, procedure = "school-enrolment" });
        Assert.Equal((HttpStatusCode.Forbidden, "not-habilitated"), (refused.StatusCode, await Code(refused)));
    }

    [Fact]
    public async Task what_makes_no_sense_is_a_clear_problem_and_nothing_is_written()
    {
        (string Body, HttpStatusCode Status)[] senseless =
        [
            ("""{"vault": """, HttpStatusCode.BadRequest), ("""{"vault": "x"}""", HttpStatusCode.BadRequest), ("[]", HttpStatusCode.BadRequest),
            ("""{"vault": "VAULT", "procedure": "school-enrolment", "expires": "yesterday"}""", HttpStatusCode.BadRequest),
            ("""{"vault": "VAULT", "procedure": "no-such"}""", HttpStatusCode.UnprocessableEntity),
            ("""{"vault": "VAULT", "procedure": "school-enrolment", "situation": ["rich"]}""", HttpStatusCode.UnprocessableEntity),
            ("""{"vault": "VAULT", "procedure": "school-enrolment", "expires": "2020-01-01T00:00:00Z"}""", HttpStatusCode.UnprocessableEntity),
            ("""{"vault": "VAULT", "procedure": "school-enrolment", "expires": "2090-01-01T00:00:00Z"}""", HttpStatusCode.UnprocessableEntity),
            ("""{"vault": "VAULT", "procedure": "school-enrolment", "message": "LONG"}""", HttpStatusCode.UnprocessableEntity),
        ];
        foreach (var (body, status) in senseless)
        {
            var sent = body.Replace("VAULT", _vault, StringComparison.Ordinal).Replace("LONG", new string('x', 4096), StringComparison.Ordinal);
            var answer = await _clerk.PostAsync("/api/v1/access-requests", new StringContent(sent, Encoding.UTF8, "application/json"));
            Assert.Equal((status, "application/problem+json"), (answer.StatusCode, answer.Content.Headers.ContentType!.MediaType));
        }

        Assert.Equal(0, await CountAsync("access_requested"));
    }

    [Fact]
    [Trait("Requirement", "R-006")]
    public async Task unknown_and_not_yours_are_the_same_answer()
    {
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment" })))["id"]!;
        var stranger = await _server.AsAsync("holder");
        var auditor = await _server.AsAsync("auditor");
        var caf = await _server.AsAsync("clerk-caf");
        HttpResponseMessage[] answers =
        [
            await stranger.GetAsync($"/api/v1/access-requests/{id}"), await stranger.GetAsync($"/api/v1/access-requests/{Guid.NewGuid()}"),
            await stranger.PostAsJsonAsync($"/api/v1/access-requests/{id}/approve", new { }), await stranger.PostAsJsonAsync($"/api/v1/access-requests/{id}/refuse", new { }),
            await stranger.PostAsJsonAsync($"/api/v1/access-requests/{Guid.NewGuid()}/approve", new { }), await auditor.GetAsync($"/api/v1/access-requests/{id}"),
            await caf.GetAsync($"/api/v1/access-requests/{id}"), await caf.PostAsync($"/api/v1/access-requests/{id}/withdraw", null),
            await AskAsync(new { vault = Guid.NewGuid().ToString(), procedure = "school-enrolment" }), await AskAsync(new { vault = "CF-0000-0000-0000", procedure = "school-enrolment" }),
            await stranger.GetAsync($"/api/v1/procedures/school-enrolment/check?vault={_vault}"), await _holder.GetAsync($"/api/v1/procedures/no-such/check?vault={_vault}"),
            // A vault is no request: another stream's id is an unknown one.
            await _holder.GetAsync($"/api/v1/access-requests/{_vault}"),
        ];

        Assert.All(answers, answer => Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode));
        var bodies = new HashSet<string>();
        foreach (var answer in answers)
        {
            var body = JsonNode.Parse(await answer.Content.ReadAsStringAsync())!.AsObject();
            body.Remove("traceId");
            bodies.Add(body.ToJsonString());
        }

        Assert.Single(bodies);
    }

    [Fact]
    public async Task a_request_past_its_time_is_expired_whether_or_not_that_is_recorded()
    {
        var expires = DateTimeOffset.UtcNow.AddMilliseconds(400);
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment", expires })))["id"]!;
        await UntilAsync(expires);
        Assert.Equal("expired", (string)(await Json(await _holder.GetAsync($"/api/v1/access-requests/{id}")))["state"]!);
        Assert.Equal("request-expired", await Code(await AnswerAsync(id, "refuse", new { })));
        Assert.Single((await Json(await _holder.GetAsync("/api/v1/access-requests?state=expired")))["items"]!.AsArray());
    }

    private async Task<(string Request, string Consent)> AgreedAsync()
    {
        var id = (string)(await Json(await AskAsync(new { vault = _vault, procedure = "school-enrolment" })))["id"]!;
        return (id, (string)(await Json(await AnswerAsync(id, "approve", new { })))["consent"]!);
    }

    private async Task<string> DepositAsync(string type, string more = "")
    {
        var answer = await _holder.PostAsync($"/api/v1/vaults/{_vault}/documents?evidenceType={type}{more}", new ByteArrayContent([1, 2, 3]));
        Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
        return (string)(await Json(answer))["id"]!;
    }

    private Task<HttpResponseMessage> AskAsync(object body, string? key = null) => SendAsync(_clerk, "/api/v1/access-requests", body, key);

    private Task<HttpResponseMessage> AnswerAsync(string id, string verb, object body, string? key = null) => SendAsync(_holder, $"/api/v1/access-requests/{id}/{verb}", body, key);

    private static async Task<HttpResponseMessage> SendAsync(HttpClient client, string path, object body, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(body) };
        if (key is not null) request.Headers.Add("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    private async Task<int> CountAsync(string type)
    {
        var count = 0;
        await foreach (var stored in _server.Journal.ReadAllAsync(0)) count += stored.Type == type ? 1 : 0;
        return count;
    }

    private async Task UntilAsync(DateTimeOffset instant)
    {
        while (await _server.Journal.NowAsync() < instant) await Task.Delay(20);
    }

    private static JsonNode[] Pieces(JsonNode view, string status) =>
        [.. view["pieces"]!.AsArray().Where(piece => (string)piece!["status"]! == status).Select(piece => piece!)];

    private static async Task<JsonNode> Json(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonNode>())!;

    private static async Task<string> Code(HttpResponseMessage answer) => (string)(await Json(answer))["code"]!;
}
