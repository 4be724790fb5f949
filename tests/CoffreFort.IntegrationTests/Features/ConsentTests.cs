using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Server.Demo;
using CoffreFort.Server.Features.Consents;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>Share, read, revoke, and who looked: over HTTP.</summary>
// One at a time with the races: together they want more connections than the tests' cluster gives.
[Collection("many readers")]
public sealed class ConsentTests : IAsyncLifetime
{
    private static readonly byte[] Pdf = Encoding.ASCII.GetBytes("%PDF-1.7\n" + new string('x', 200_000));
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-029")]
    public async Task what_is_shared_is_read_byte_for_byte_until_it_is_revoked()
    {
        var document = await _scene.DepositAsync(Pdf);
        var consent = await _scene.GrantAsync(document);
        var evidence = (await _scene.Clerk.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}/evidence"))!["items"]!.AsArray();
        Assert.Equal([document], evidence.Select(item => (Guid)item!["document"]!));

        using var read = await _scene.ReadAsync(consent, document, "reason=Tarif+de+la+cantine");
        Assert.Equal(Pdf, await read.Content.ReadAsByteArrayAsync());
        Assert.Equal("attachment", read.Content.Headers.ContentDisposition!.DispositionType);
        using var viewed = await _scene.ReadAsync(consent, document, "reason=Tarif&use=view");
        Assert.Equal("inline", viewed.Content.Headers.ContentDisposition!.DispositionType);

        await _scene.RevokeAsync(consent);
        await _scene.RevokeAsync(consent);
        using var refused = await _scene.ReadAsync(consent, document);
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
        Assert.Equal("not-found", await SharingScene.CodeAsync(refused));

        var lines = await _scene.UsageAsync();
        Assert.Equal(["refused", "read", "read"], lines.Select(line => (string)line!["outcome"]!));
        Assert.Equal("consent-revoked", (string)lines[0]!["code"]!);
        Assert.Equal(("Maëlle Kerbrat", "Mairie de Brest", "Tarif de la cantine"), ((string)lines[2]!["person"]!, (string)lines[2]!["agencyName"]!, (string)lines[2]!["reason"]!));
        var seen = await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}");
        Assert.Equal(("revoked", 2), ((string)seen!["state"]!, (int)seen["used"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Clerk.GetAsync($"/api/v1/consents/{consent}")).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-004")]
    public async Task a_range_is_a_read_and_a_head_is_none()
    {
        var document = await _scene.DepositAsync(Pdf);
        var consent = await _scene.GrantAsync(document, uses: 1);
        var path = $"/api/v1/consents/{consent}/evidence/{document}/content?reason=Tarif";
        using (var head = await _scene.Clerk.SendAsync(new HttpRequestMessage(HttpMethod.Head, path)))
            Assert.Equal(Pdf.Length, head.Content.Headers.ContentLength);
        using var ranged = new HttpRequestMessage(HttpMethod.Get, path);
        ranged.Headers.Range = new(100_000, 100_009);
        using var part = await _scene.Clerk.SendAsync(ranged);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(Pdf[100_000..100_010], await part.Content.ReadAsByteArrayAsync());
        using var again = await _scene.ReadAsync(consent, document);
        Assert.Equal("consent-used-up", await SharingScene.CodeAsync(again));
    }

    [Fact]
    [Trait("Requirement", "R-005")]
    [Trait("Requirement", "R-006")]
    [Trait("Requirement", "R-029")]
    public async Task everything_else_is_refused_and_noted()
    {
        var (document, other) = (await _scene.DepositAsync(Pdf), await _scene.DepositAsync(Pdf));
        var consent = await _scene.GrantAsync(document);
        var stranger = await _server.AsAsync("clerk-caf");
        foreach (var (answer, status, code) in new[]
        {
            (await _scene.ReadAsync(consent, document, clerk: stranger), 404, "not-found"),
            (await _scene.ReadAsync(consent, other), 404, "not-found"),
            (await _scene.ReadAsync(consent, document, ""), 400, "reason-required"),
            (await _scene.ReadAsync(consent, document, "reason=" + new string('x', 501)), 400, "reason-required"),
            (await _scene.ReadAsync(Guid.CreateVersion7(), document), 404, "not-found"),
        })
        {
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal(code, await SharingScene.CodeAsync(answer));
        }

        Assert.Equal(["reason-required", "reason-required", "out-of-scope", "not-grantee"], (await _scene.UsageAsync("outcome=refused")).Select(line => (string)line!["code"]!));
        Assert.Equal("CAF du Var", (string)(await _scene.UsageAsync($"agency={Agencies.CafVar.Id}"))[0]!["agencyName"]!);
    }

    [Fact]
    public async Task being_refused_often_does_not_make_the_journal_grow()
    {
        var document = await _scene.DepositAsync(Pdf);
        var consent = await _scene.GrantAsync(document);
        await _scene.RevokeAsync(consent);
        await Task.WhenAll(Enumerable.Range(0, 60).Select(async _ =>
        {
            using var answer = await _scene.ReadAsync(consent, document);
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }));
        Assert.Equal(RefusedReads.PerMinute, (await _server.Journal.FetchStreamAsync(consent)).Count(stored => stored.Body is EvidenceReadRefused));
    }

    [Fact]
    public async Task a_standing_consent_reaches_what_is_deposited_later()
    {
        var consent = (Guid)(await _scene.GrantAsync(new { grantee = Agencies.TownBrest.Id, procedure = "family-portal", evidenceTypes = new[] { "tax-notice" } }))["id"]!;
        var document = await _scene.DepositAsync([1, 2, 3]);
        await _scene.Holder.PostAsync($"/api/v1/documents/{document}/versions", new ByteArrayContent(Pdf));
        await _scene.DepositAsync(Pdf, more: "&expiresOn=2020-01-01");
        var evidence = (await _scene.Clerk.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}/evidence"))!["items"]!.AsArray();
        Assert.Equal([(document, 2)], evidence.Select(item => ((Guid)item!["document"]!, (int)item["version"]!)));
        using var read = await _scene.ReadAsync(consent, document);
        Assert.Equal(Pdf, await read.Content.ReadAsByteArrayAsync());
    }

    [Fact]
    public async Task a_dismissed_clerk_is_out_at_once()
    {
        var document = await _scene.DepositAsync(Pdf);
        var consent = await _scene.GrantAsync(document);
        var keeper = await _server.AsAsync("operator");
        (await keeper.DeleteAsync($"/api/v1/agencies/{Agencies.TownBrest.Id}/clerks/{Personas.ClerkTown.Id}")).EnsureSuccessStatusCode();
        using var answer = await _scene.ReadAsync(consent, document);
        Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        Assert.Equal("not-grantee", (string)(await _scene.UsageAsync())[0]!["code"]!);
    }

    [Fact]
    public async Task receipts_say_where_the_journal_has_it_and_only_to_whom_it_concerns()
    {
        var document = await _scene.DepositAsync(Pdf);
        var consent = await _scene.GrantAsync(document);
        var receipt = await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}/receipt");
        Assert.Equal(("Camille Le Goff", "Mairie de Brest"), ((string)receipt!["principal"]!["name"]!, (string)receipt["controller"]!["name"]!));
        var granted = (string)receipt["record"]!["receipt"]!;
        var stored = (await _server.Journal.FetchStreamAsync(consent)).Single();
        var proof = await _scene.Holder.GetFromJsonAsync<JsonObject>(granted);
        Assert.Equal((stored.Position, Convert.ToHexStringLower(stored.LeafHash.Span)), ((long)proof!["position"]!, (string)proof["leafHash"]!));
        Assert.Equal(HttpStatusCode.NotFound, (await (await _server.AsAsync("holder2")).GetAsync(granted)).StatusCode);

        var deposited = (string)(await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["receipt"]!;
        var deposit = (await _scene.Holder.GetFromJsonAsync<JsonObject>(deposited))!["deposit"]!;
        Assert.Equal(("SHA-256", Pdf.Length, Personas.Holder.Id), ((string)deposit["hashAlgorithm"]!, (int)deposit["size"]!, (Guid)deposit["depositorId"]!));
    }

    [Fact]
    [Trait("Requirement", "R-012")]
    public async Task a_second_agency_that_reads_spares_a_deposit()
    {
        var document = await _scene.DepositAsync(Pdf, "family-record-book");
        foreach (var (agency, procedure, clerk) in new[]
        {
            (Agencies.TownBrest, "school-enrolment", "clerk-town"), (Agencies.CafVar, "removal-bonus", "clerk-caf"), (Agencies.TownBrest, "school-enrolment", "clerk-town"),
        })
        {
            var consent = (Guid)(await _scene.GrantAsync(new { grantee = agency.Id, procedure, pieces = new[] { new { document } } }))["id"]!;
            using var read = await _scene.ReadAsync(consent, document, clerk: await _server.AsAsync(clerk));
            Assert.Equal(HttpStatusCode.OK, read.StatusCode);
        }

        Assert.Equal(1, (int)(await _scene.Holder.GetFromJsonAsync<JsonObject>("/api/v1/usage"))!["depositsAvoided"]!);
        Assert.Equal(2, (await _scene.UsageAsync("limit=2")).Count);
        Assert.Equal(HttpStatusCode.NotFound, (await (await _server.AsAsync("holder2")).GetAsync($"/api/v1/usage?vault={_scene.Vault}")).StatusCode);
    }
}
