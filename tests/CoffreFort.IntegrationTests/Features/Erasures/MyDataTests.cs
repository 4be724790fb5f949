using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Vaults;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary><em>My data</em>: everybody sees their own erasures, all of them and in order, and nobody else's; and what keeps one.</summary>
public sealed class MyDataTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private PageBrowser _holder = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _holder = await PageBrowser.AsAsync(_server, "holder");
    }

    public async Task DisposeAsync()
    {
        _holder.Dispose();
        await _server.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task what_will_be_erased_first_comes_first_and_what_was_erased_last_also_when_the_vault_is_gone()
    {
        var (late, soon) = (await _scene.DepositAsync([1]), await _scene.DepositAsync([2], "payslip"));
        await EraseAsync(late, 20);
        await EraseAsync(soon, 10);
        Assert.Equal([soon, late], await InOrderAsync("/documents/", soon, late));

        var (before, after) = (await _scene.DepositAsync([3]), await _scene.DepositAsync([4], "payslip"));
        await EraseAsync(before, 0);
        await EraseAsync(after, 0);
        Assert.Equal([after, before], await InOrderAsync("/my-data/erasures/", before, after));
        var page = (await _holder.GetAsync("/my-data")).Text;
        foreach (var kind in new[] { "Avis d'imposition sur le revenu", "Bulletin de salaire ou de solde" }) Assert.Contains($"Attestation : {kind}", page, StringComparison.Ordinal);

        (await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase?grace=0", null)).EnsureSuccessStatusCode();
        Assert.Equal([_scene.Vault, after, before], (await InOrderAsync("/my-data/erasures/", before, after, soon, late, _scene.Vault)).Where(one => one != soon && one != late));
        (await _scene.Holder.PostAsync("/api/v1/vaults", null)).EnsureSuccessStatusCode();
        Assert.Equal(5, (await InOrderAsync("/my-data/erasures/", before, after, soon, late, _scene.Vault)).Count);
    }

    [Fact]
    [Trait("Requirement", "R-006")]
    public async Task nobody_sees_anybody_elses_erasures_or_certificates()
    {
        var (gone, pending) = (await _scene.DepositAsync([1]), await _scene.DepositAsync([2]));
        await EraseAsync(gone, 0);
        await EraseAsync(pending, 10);
        (await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase", null)).EnsureSuccessStatusCode();
        // No certificate of what can still be taken back, for its holder either.
        Assert.Equal(HttpStatusCode.OK, (await _holder.GetAsync($"/my-data/erasures/{gone}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _holder.GetAsync($"/my-data/erasures/{pending}")).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Holder.GetAsync($"/api/v1/erasures/{pending}/certificate")).StatusCode);

        var stranger = await _server.AsAsync("holder2");
        using var browser = await PageBrowser.AsAsync(_server, "holder2");
        foreach (var subject in new[] { gone, pending, _scene.Vault })
        {
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/erasures/{subject}")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/erasures/{subject}/certificate")).StatusCode);
            Assert.Equal(HttpStatusCode.NotFound, (await browser.GetAsync($"/my-data/erasures/{subject}")).Status);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/erasures?vault={_scene.Vault}")).StatusCode);
        Assert.Contains("Rien n'a été effacé", (await browser.GetAsync("/my-data")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task a_legal_hold_is_on_the_page_and_an_erasure_asked_for_at_once_says_that_it_waits_for_it()
    {
        var document = await _scene.DepositAsync([1]);
        using var exploitant = await _server.AsAsync("operator");
        var until = DateTimeOffset.UtcNow.AddDays(60);
        var order = new { subject = document, ground = "Réquisition du tribunal de Toulon", reviewOn = DateOnly.FromDateTime(DateTime.UtcNow).AddDays(20), until };
        Assert.Equal(HttpStatusCode.NoContent, (await exploitant.PostAsJsonAsync("/api/v1/legal-holds", order)).StatusCode);
        Assert.Contains(order.ground, (await _holder.GetAsync("/my-data/erase")).Text, StringComparison.Ordinal);

        Assert.Equal(HttpStatusCode.Redirect, (await _holder.SendAsync("/my-data/erase", "", ("When", "now"), ("Word", "EFFACER"))).Status);

        var page = (await _holder.GetAsync("/my-data")).Text;
        foreach (var said in new[] { "Vous pouvez encore l'annuler.", order.ground, "La loi impose de conserver pour l'instant" }) Assert.Contains(said, page, StringComparison.Ordinal);
        var erasure = (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/erasures/{_scene.Vault}"))!;
        Assert.Equal(until, (DateTimeOffset)erasure["takesEffect"]!, TimeSpan.FromSeconds(1));
        Assert.False((await _server.Journal.AggregateStreamAsync<Vault>(_scene.Vault))!.Erasure.Erased);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task an_erasure_says_when_it_was_asked_for_last_and_when_it_is_final_and_its_certificate_is_kept_nowhere_on_the_way()
    {
        var documents = new List<Guid>();
        for (var i = 0; i < 3; i++) documents.Add(await _scene.DepositAsync([1]));
        await EraseAsync(documents[0], 10);
        (await _scene.Holder.PostAsync($"/api/v1/documents/{documents[0]}/cancel-erasure", null)).EnsureSuccessStatusCode();
        var again = await _server.Journal.NowAsync();
        foreach (var document in documents) await EraseAsync(document, 10);
        Assert.True((DateTimeOffset)(await ErasureAsync(documents[0]))["requestedAt"]! >= again);

        foreach (var document in documents) await EraseAsync(document, 0);
        using var answer = await _scene.Holder.GetAsync($"/api/v1/erasures/{documents[0]}/certificate");
        var certificate = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal((string?)certificate["statement"]!["finalAt"], (string?)(await ErasureAsync(documents[0]))["finalAfter"]);
        Assert.True(answer.Headers.CacheControl is { NoStore: true, Private: true });

        var listed = new List<Guid>();
        for (var next = $"/api/v1/erasures?vault={_scene.Vault}&limit=1"; next is not null && listed.Count < 10;)
        {
            var page = (await _scene.Holder.GetFromJsonAsync<JsonObject>(next))!;
            listed.AddRange(page["items"]!.AsArray().Select(item => (Guid)item!["subject"]!));
            next = (string?)page["next"];
        }

        Assert.Equal(documents, listed);
    }

    private async Task EraseAsync(Guid document, int days) => (await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace={days}")).EnsureSuccessStatusCode();

    private async Task<JsonObject> ErasureAsync(Guid subject) => (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/erasures/{subject}"))!;

    /// <summary>Those that the page links to, in its order.</summary>
    private async Task<List<Guid>> InOrderAsync(string link, params Guid[] which)
    {
        var page = (await _holder.GetAsync("/my-data")).Text;
        return [.. which.Select(one => (One: one, At: page.IndexOf($"{link}{one}", StringComparison.Ordinal))).Where(found => found.At >= 0).OrderBy(found => found.At).Select(found => found.One)];
    }
}
