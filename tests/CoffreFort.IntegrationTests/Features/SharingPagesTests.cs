using System.Globalization;
using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>Answering, revoking, reading and correcting through the pages: what was typed is what is recorded, and another's page is no page.</summary>
public sealed class SharingPagesTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private PageBrowser _holder = null!;
    private PageBrowser _stranger = null!;
    private PageBrowser _clerk = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _holder = await PageBrowser.AsAsync(_server, "holder");
        _stranger = await PageBrowser.AsAsync(_server, "holder2");
        _clerk = await PageBrowser.AsAsync(_server, "clerk-town");
    }

    public async Task DisposeAsync()
    {
        foreach (var browser in new[] { _holder, _stranger, _clerk }) browser.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task only_what_was_ticked_is_granted_for_as_long_and_as_often_as_was_typed()
    {
        var notice = await DepositAsync();
        var (page, request) = await AskAsync();
        var day = DateTimeOffset.UtcNow.AddDays(20).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);

        var answer = await _holder.SendAsync(page, "Approve", ("Shown", "true"), ("Pieces", $"{notice}/1"), ("Until", day), ("Uses", "2"), ("Delivery", "view"));

        Assert.Equal(HttpStatusCode.Redirect, answer.Status);
        var granted = (await _server.Journal.AggregateStreamAsync<Consent>((await RequestAsync(request)).Consent!.Value))!.Granted!;
        Assert.Equal([(notice, 1)], granted.Pieces.Select(piece => (piece.Document, piece.Version)));
        Assert.Equal((2, "view"), (granted.Uses, granted.Delivery));
        // To the end of that day in Paris.
        Assert.InRange(granted.Until - DateTimeOffset.Parse($"{day}T21:00:00Z", CultureInfo.InvariantCulture), TimeSpan.Zero, TimeSpan.FromHours(2));
        Assert.Contains("Vous avez accepté", (await _holder.GetAsync(page)).Text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("Uses", "beaucoup")]
    [InlineData("Uses", "0")]
    [InlineData("Until", "demain")]
    [InlineData("Until", "2020-01-01")]
    [InlineData("Pieces", "n'importe")]
    [InlineData("Delivery", "post")]
    public async Task what_can_not_be_agreed_to_is_said_on_the_page_and_nothing_is_granted(string field, string typed)
    {
        var document = await DepositAsync();
        var (page, request) = await AskAsync();
        var fields = new Dictionary<string, string> { ["Shown"] = "true", ["Pieces"] = $"{document}/1", ["Uses"] = "2", ["Until"] = "", ["Delivery"] = "view", [field] = typed };

        var answer = await _holder.SendAsync(page, "Approve", [.. fields.Select(pair => (pair.Key, pair.Value))]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.Contains("data-errors", answer.Text, StringComparison.Ordinal);
        Assert.Equal(AccessRequestState.Pending, (await RequestAsync(request)).State);
    }

    [Fact]
    public async Task a_choice_of_nothing_is_no_agreement_to_everything()
    {
        await DepositAsync();
        var (page, request) = await AskAsync();
        var answer = await _holder.SendAsync(page, "Approve", ("Shown", "true"), ("Delivery", "view"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.Status);
        Assert.DoesNotContain("checked", answer.Text.Split("Ce qui serait montré")[1].Split("</fieldset>")[0], StringComparison.Ordinal);
        Assert.Equal(AccessRequestState.Pending, (await RequestAsync(request)).State);
    }

    [Fact]
    public async Task a_refusal_by_the_page_keeps_its_reason_and_is_the_last_word()
    {
        var document = await DepositAsync();
        var (page, request) = await AskAsync();
        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync(page, "Refuse", ("Reason", "Déjà fourni en mairie"))).Status);
        Assert.Equal(AccessRequestState.Refused, (await RequestAsync(request)).State);
        var shown = await _holder.GetAsync(page);
        Assert.Contains("Déjà fourni en mairie", shown.Text, StringComparison.Ordinal);
        Assert.DoesNotContain("Accepter de montrer", shown.Text, StringComparison.Ordinal);
        Assert.NotEqual(HttpStatusCode.Redirect, (await _holder.SendAsync(page, "Approve", ("Shown", "true"), ("Pieces", $"{document}/1"))).Status);
    }

    [Fact]
    public async Task a_stranger_finds_none_of_these_pages_and_can_send_none_of_their_forms()
    {
        var document = await DepositAsync();
        var (page, request) = await AskAsync();
        var consent = await _scene.GrantAsync(document);
        foreach (var path in new[] { page, $"/shares/{consent}", $"/documents/{document}", $"/documents/{document}/describe", $"/documents/{document}/deposit" })
            Assert.Equal(HttpStatusCode.NotFound, (await _stranger.GetAsync(path)).Status);
        var head = (await _server.Journal.HeadAsync()).Size;
        // With a token of their own, from a page that is theirs.
        foreach (var (path, handler) in new[] { (page, "Approve"), (page, "Refuse"), ($"/shares/{consent}", ""), ($"/documents/{document}/describe", "") })
            Assert.Contains((await _stranger.SendFromAsync("/vault", path, handler, ("Shown", "true"), ("Title", "Pris"))).Status, new[] { HttpStatusCode.NotFound, HttpStatusCode.Forbidden });
        Assert.Equal(head, (await _server.Journal.HeadAsync()).Size);
        Assert.Equal(AccessRequestState.Pending, (await RequestAsync(request)).State);
    }

    [Fact]
    public async Task revoking_asks_first_and_then_bites()
    {
        var document = await _scene.DepositAsync([1]);
        var consent = await _scene.GrantAsync(document);
        Assert.Contains("Retirer le partage", (await _holder.GetAsync($"/shares/{consent}?asking=true")).Text, StringComparison.Ordinal);
        Assert.Null((await _server.Journal.AggregateStreamAsync<Consent>(consent))!.Revoked);
        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync($"/shares/{consent}?asking=true", "")).Status);
        Assert.Equal(RevocationCauses.Holder, (await _server.Journal.AggregateStreamAsync<Consent>(consent))!.Revoked!.Cause);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.ReadAsync(consent, document)).StatusCode);
        Assert.DoesNotContain("Retirer le partage", (await _holder.GetAsync($"/shares/{consent}?asking=true")).Text.Split("<main")[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_clerk_names_the_piece_and_the_reason_before_anything_can_be_opened()
    {
        var document = await _scene.DepositAsync([1]);
        var consent = await _scene.GrantAsync(document);
        var page = $"/agency/consents/{consent}";
        foreach (var fields in new (string, string)[][] { [("Document", $"{document}")], [("Document", $"{document}"), ("Reason", "  ")], [("Reason", "Tarif")], [("Document", $"{Guid.NewGuid()}"), ("Reason", "Tarif")] })
            Assert.DoesNotContain("/content?", (await _clerk.SendAsync(page, "", fields)).Text, StringComparison.Ordinal);
        var opened = await _clerk.SendAsync(page, "", ("Document", $"{document}"), ("Reason", "Tarif & cantine"));
        Assert.Contains($"/api/v1/consents/{consent}/evidence/{document}/content?version=1&reason=Tarif%20%26%20cantine&use=view", opened.Text, StringComparison.Ordinal);
        Assert.Equal(0, (await _server.Journal.AggregateStreamAsync<Consent>(consent))!.Used);
    }

    [Fact]
    public async Task correcting_a_documents_words_changes_what_was_typed_and_keeps_the_rest()
    {
        var document = await _scene.DepositAsync([1], "tax-notice", "&period=2025&issuedOn=2026-07-31&expiresOn=2030-01-01");
        var page = $"/documents/{document}/describe";
        Assert.Contains("value=\"Avis\"", (await _holder.GetAsync(page)).Text, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync(page, "", ("Title", "Avis corrigé"), ("Period", "2024"), ("IssuedOn", "2026-07-31"))).Status);
        var state = (await _server.Journal.AggregateStreamAsync<Document>(document))!;
        // What the form doesn't ask for, it keeps.
        Assert.Equal(new StatedDates(new DateOnly(2026, 7, 31), new DateOnly(2030, 1, 1), "2024"), state.Latest.Dates);
        var shown = (await _holder.GetAsync($"/documents/{document}")).Text;
        Assert.Contains("Avis corrigé", shown, StringComparison.Ordinal);
        Assert.Contains("Vous avez corrigé le titre ou les dates.", shown, StringComparison.Ordinal);
        Assert.Contains("Vous avez déposé le document.", shown, StringComparison.Ordinal);
    }

    /// <summary>What the procedure asks for, and can be shown; the tax notice's id.</summary>
    private async Task<Guid> DepositAsync()
    {
        await _scene.DepositAsync([2], "family-record-book");
        return await _scene.DepositAsync([1], "tax-notice", "&period=2025");
    }

    private async Task<AccessRequest> RequestAsync(Guid id) => (await _server.Journal.AggregateStreamAsync<AccessRequest>(id))!;

    private async Task<(string Page, Guid Id)> AskAsync()
    {
        var asked = await _scene.Clerk.PostAsJsonAsync("/api/v1/access-requests", new { vault = _scene.Vault, procedure = "family-portal" });
        Assert.True(asked.IsSuccessStatusCode, await asked.Content.ReadAsStringAsync());
        var id = (Guid)(await asked.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        return ($"/requests/{id}", id);
    }
}
