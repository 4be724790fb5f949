using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using CoffreFort.Server.Operations.Integrity;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>Erasing a whole vault, over HTTP, and what comes of everything that rested on it.</summary>
public sealed class EraseVaultTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private ErasureScene _keys = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _keys = new ErasureScene(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task nothing_of_an_erased_vault_can_be_read_and_everything_that_tells_of_it_still_answers()
    {
        var (first, second) = (await _scene.DepositAsync([1, 2, 3]), await _scene.DepositAsync([4, 5, 6], "payslip"));
        var consent = await _scene.GrantAsync(first);
        Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(consent, first)).StatusCode);
        var asked = await AskAsync();
        await _scene.Holder.DeleteAsync($"/api/v1/documents/{second}?grace=0");

        var erased = (await (await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase?grace=0", null)).Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.Equal(("vault", "destroyed"), ((string?)erased["kind"], (string?)erased["state"]));
        Assert.Equal(0, await _keys.CountAsync(_scene.Vault));
        Assert.Empty(await _server.Blobs.NamesAsync());
        var document = (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{first}"))!;
        Assert.Null(document["title"]);
        Assert.Equal("destroyed", (string?)document["erasure"]!["state"]);
        Assert.Equal(HttpStatusCode.Gone, (await _scene.Holder.GetAsync($"/api/v1/documents/{first}/versions/1/content")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.ReadAsync(consent, first)).StatusCode);
        Assert.Equal("vault-erased", await SharingScene.CodeAsync(await _scene.Holder.PostAsync(
            $"/api/v1/vaults/{_scene.Vault}/documents?evidenceType=tax-notice&title=Avis", new ByteArrayContent([1]))));
        Assert.Equal(AccessRequestState.Refused, (await _server.Journal.AggregateStreamAsync<AccessRequest>(asked))!.State);
        var usage = await _scene.UsageAsync();
        Assert.All(usage, line => Assert.Null(line!["reason"]));
        Assert.Contains(usage, line => (string?)line!["outcome"] == "read");

        var certificate = (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/erasures/{_scene.Vault}/certificate"))!;
        // The other document was erased before: it has a certificate of its own.
        Assert.Equal((1, 5), ((int)certificate["statement"]!["documents"]!, (int)certificate["statement"]!["keys"]!));
        var history = await _server.Journal.FetchStreamAsync(_scene.Vault);
        var destroyed = Assert.Single(history, stored => stored.Body is VaultKeysDestroyed).Timestamp;
        Assert.Equal(destroyed, (DateTimeOffset)certificate["statement"]!["erasedAt"]!);
        Assert.Equal(EpochEnd.FinalAfter(destroyed), (DateTimeOffset)certificate["statement"]!["finalAt"]!, TimeSpan.FromMinutes(1));
        Assert.Equal(Assert.Single(history, stored => stored.Body is VaultErased).Timestamp, (DateTimeOffset)certificate["readableUntil"]!);
        Assert.Equal(HttpStatusCode.OK, (await _scene.Holder.GetAsync((string?)certificate["destroyed"]!["receipt"])).StatusCode);
        await AssertSealedAsync(certificate);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task during_the_grace_the_vault_is_closed_and_a_change_of_mind_opens_it_again()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var consent = await _scene.GrantAsync(document);

        var asked = (await (await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase", null)).Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.Equal("pending", (string?)asked["state"]);
        Assert.Equal([1, 2, 3], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{document}/versions/1/content"));
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.ReadAsync(consent, document)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Clerk.GetAsync($"/api/v1/consents/{consent}/evidence")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await PostAskAsync()).StatusCode);

        Assert.Equal(HttpStatusCode.OK, (await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/cancel-erasure", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(consent, document)).StatusCode);
        Assert.Equal(HttpStatusCode.Created, (await PostAskAsync()).StatusCode);
    }

    [Fact]
    public async Task who_had_theirs_erased_may_begin_anew_and_finds_nothing_of_before()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase?grace=0", null);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Holder.GetAsync("/api/v1/vaults/me")).StatusCode);

        var opened = (await (await _scene.Holder.PostAsync("/api/v1/vaults", null)).Content.ReadFromJsonAsync<JsonObject>())!;
        var again = (await (await _scene.Holder.PostAsync("/api/v1/vaults", null)).Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.NotEqual(_scene.Vault, (Guid)opened["id"]!);
        Assert.Equal((string?)opened["id"], (string?)again["id"]);
        Assert.Empty((await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/vaults/{opened["id"]}/documents"))!["items"]!.AsArray());
        Assert.Equal(HttpStatusCode.Gone, (await _scene.Holder.GetAsync($"/api/v1/documents/{document}/versions/1/content")).StatusCode);
        var before = (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/erasures?vault={_scene.Vault}"))!["items"]!.AsArray();
        Assert.Contains(before, line => (string?)line!["kind"] == "vault");
    }

    [Fact]
    public async Task deposits_that_race_with_the_erasure_leave_neither_key_nor_blob()
    {
        var bytes = new byte[200_000];
        var deposits = Enumerable.Range(0, 12).Select(_ => Task.Run(() => _scene.Holder.PostAsync(
            $"/api/v1/vaults/{_scene.Vault}/documents?evidenceType=tax-notice&title=Avis", new ByteArrayContent(bytes)))).ToList();
        await Task.WhenAny(deposits);
        var erased = await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase?grace=0", null);
        Assert.True(erased.IsSuccessStatusCode);
        var answers = await Task.WhenAll(deposits);

        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Created, HttpStatusCode.Gone }));
        await ErasureScene.UntilAsync(async () => (await _server.Journal.AggregateStreamAsync<Vault>(_scene.Vault))!.Erasure.Destroyed);
        Assert.Equal(0, await _keys.CountAsync(_scene.Vault));
        Assert.Empty(await _server.Blobs.NamesAsync());
        Assert.DoesNotContain(await _keys.FindingsAsync(), finding => finding.Kind is Finding.Kinds.Damaged);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task a_legal_hold_wins_is_shown_to_the_holder_and_ends_when_it_is_lifted()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var exploitant = await _server.AsAsync("operator");
        var day = DateOnly.FromDateTime(DateTime.UtcNow);
        var order = new { subject = document, ground = "Réquisition du tribunal de Toulon", reviewOn = day.AddDays(20), until = DateTimeOffset.UtcNow.AddDays(60) };
        Assert.Equal(HttpStatusCode.NoContent, (await exploitant.PostAsJsonAsync("/api/v1/legal-holds", order)).StatusCode);

        await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=0");
        var wholly = (await (await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase?grace=0", null)).Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.Equal(("pending", order.ground), ((string?)wholly["state"], (string?)wholly["hold"]!["ground"]));
        Assert.Equal([1, 2, 3], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{document}/versions/1/content"));
        Assert.Equal(HttpStatusCode.NoContent, (await exploitant.PostAsync($"/api/v1/legal-holds/{document}/lift", null)).StatusCode);
        await ErasureScene.UntilAsync(async () => (await _server.Journal.AggregateStreamAsync<Vault>(_scene.Vault))!.Erasure.Destroyed);
        Assert.Equal(0, await _keys.CountAsync(_scene.Vault));
    }

    /// <summary>Under the operator's seal, and both instants in it.</summary>
    private async Task AssertSealedAsync(JsonObject certificate)
    {
        var receipt = await _scene.Holder.GetByteArrayAsync((string?)certificate["sealed"]);
        using var seal = X509Certificate2.CreateFromPem(await _scene.Holder.GetStringAsync("/seal"));
        var verified = SealedReceipt.Verify(receipt, new SealTrust([seal]), DateTimeOffset.UtcNow);
        Assert.Equal((DateTimeOffset)certificate["statement"]!["erasedAt"]!, verified.Receipt.Erasure!.ErasedAt, TimeSpan.FromSeconds(1));
        Assert.Equal((DateTimeOffset)certificate["statement"]!["finalAt"]!, verified.Receipt.Erasure.FinalAt);
        Assert.Equal((_scene.Vault, (Guid?)null), (verified.Receipt.Erasure.Vault, verified.Receipt.Erasure.Document));
    }

    private async Task<Guid> AskAsync()
    {
        var answer = await PostAskAsync();
        return (Guid)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }

    private Task<HttpResponseMessage> PostAskAsync() =>
        _scene.Clerk.PostAsJsonAsync("/api/v1/access-requests", new { vault = _scene.Vault, procedure = "school-enrolment" });
}
