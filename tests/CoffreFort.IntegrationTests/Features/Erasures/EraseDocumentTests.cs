using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>Erasing one document, over HTTP: what goes, what stays, and what those see who shared it.</summary>
public sealed class EraseDocumentTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task an_erased_document_has_no_key_no_blob_and_no_title_and_the_others_are_untouched()
    {
        var kept = await _scene.DepositAsync([1, 2, 3]);
        var document = await _scene.DepositAsync([4, 5, 6]);
        (await _scene.Holder.PostAsync($"/api/v1/documents/{document}/versions", new ByteArrayContent([7, 8, 9]))).EnsureSuccessStatusCode();
        var before = await _server.Journal.FetchStreamAsync(document);

        var answer = await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=0");

        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        var view = (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal("destroyed", (string?)view["erasure"]!["state"]);
        Assert.Null(view["title"]);
        Assert.Null(view["fileName"]);
        foreach (var version in new[] { 1, 2 }) Assert.Equal("erased", await CodeAsync(HttpStatusCode.Gone, $"/api/v1/documents/{document}/versions/{version}/content"));
        Assert.Equal(0, await KeysOfAsync(document));
        Assert.Single(await _server.Blobs.NamesAsync());
        // Also whoever holds the journal and the live keys: the texts' own key is gone.
        using var scope = _server.Services.CreateScope();
        var keys = scope.ServiceProvider.GetRequiredService<RequestKeys>();
        var deposited = (DocumentDeposited)before[0].Body;
        Assert.Null(await keys.RevealAsync(_scene.Vault, deposited.Title, default));
        Assert.Null(await keys.RevealAsync(_scene.Vault, deposited.Content.FileName, default));
        Assert.Equal([1, 2, 3], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{kept}/versions/1/content"));
        Assert.Equal(kept, (Guid)Assert.Single(await DocumentsAsync())!["id"]!);
    }

    /// <summary>It was decided on before the erasure, and asks for its keys once they are gone: what the journal says then is left out here, so that nothing else refuses it.</summary>
    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task a_newer_version_that_comes_once_the_keys_are_gone_is_told_erased_and_brings_none_back()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        await _server.Services.GetRequiredService<KeyDestruction>().DocumentAsync(_scene.Vault, document, default);

        var answer = await _scene.Holder.PostAsync($"/api/v1/documents/{document}/versions", new ByteArrayContent([4, 5, 6]));

        Assert.Equal((HttpStatusCode.Gone, "erased"), (answer.StatusCode, await SharingScene.CodeAsync(answer)));
        Assert.Equal(0, await KeysOfAsync(document));
        Assert.Single(await _server.Blobs.NamesAsync());
        Assert.Null((await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["title"]);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task during_the_grace_only_the_holder_reads_and_a_change_of_mind_restores_everything()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var consent = await _scene.GrantAsync(document);

        var asked = (await (await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}")).Content.ReadFromJsonAsync<JsonObject>())!;

        Assert.Equal("pending", (string?)asked["erasure"]!["state"]);
        Assert.Equal(30, Math.Round(((DateTimeOffset)asked["erasure"]!["takesEffect"]! - DateTimeOffset.UtcNow).TotalDays));
        Assert.Equal("Avis", (string?)asked["title"]);
        Assert.Equal([1, 2, 3], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{document}/versions/1/content"));
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.ReadAsync(consent, document)).StatusCode);
        Assert.Equal("erased", (string?)(await _scene.UsageAsync("outcome=refused"))[0]!["code"]);
        Assert.Empty((await _scene.Clerk.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}/evidence"))!["items"]!.AsArray());

        Assert.Equal(HttpStatusCode.OK, (await _scene.Holder.PostAsync($"/api/v1/documents/{document}/cancel-erasure", null)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(consent, document)).StatusCode);
        Assert.Equal("no-erasure-pending", await SharingScene.CodeAsync(await _scene.Holder.PostAsync($"/api/v1/documents/{document}/cancel-erasure", null)));
    }

    [Fact]
    public async Task a_consent_that_names_only_erased_documents_ends_and_one_that_names_more_goes_on()
    {
        var (gone, kept) = (await _scene.DepositAsync([1]), await _scene.DepositAsync([2]));
        var alone = await _scene.GrantAsync(gone);
        var both = (Guid)(await _scene.GrantAsync(new
        {
            grantee = Server.Demo.Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document = gone }, new { document = kept } },
        }))["id"]!;

        await _scene.Holder.DeleteAsync($"/api/v1/documents/{gone}?grace=0");

        var ended = (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{alone}"))!;
        Assert.Equal(("revoked", "erasure"), ((string?)ended["state"], (string?)ended["endedBy"]));
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.ReadAsync(both, gone)).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(both, kept)).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task when_the_grace_is_over_the_clock_erases_it()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}");

        await using var later = await _server.AnotherNodeAsync(null, "--Journal:ClockOffset", "31.00:00:00");
        var state = await UntilDestroyedAsync(later, document);

        Assert.True(state.Erasure.Destroyed);
        Assert.Equal(0, await KeysOfAsync(document));
        Assert.Empty(await _server.Blobs.NamesAsync());
    }

    [Fact]
    [Trait("Requirement", "R-006")]
    public async Task nobody_but_the_holder_erases_or_keeps_a_document()
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        foreach (var (persona, status) in new[] { ("holder2", HttpStatusCode.NotFound), ("helper", HttpStatusCode.Forbidden), ("clerk-town", HttpStatusCode.Forbidden), ("operator", HttpStatusCode.Forbidden) })
        {
            var other = await _server.AsAsync(persona);
            Assert.Equal(status, (await other.DeleteAsync($"/api/v1/documents/{document}?grace=0")).StatusCode);
            Assert.Equal(status, (await other.PostAsync($"/api/v1/documents/{document}/cancel-erasure", null)).StatusCode);
        }

        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=31")).StatusCode);
        Assert.Equal([1, 2, 3], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{document}/versions/1/content"));
    }

    private static async Task<Document> UntilDestroyedAsync(CoffreFortServer server, Guid document)
    {
        for (var tries = 0; ; tries++)
        {
            var state = (await server.Journal.AggregateStreamAsync<Document>(document))!;
            if (state.Erasure.Destroyed || tries == 600) return state;
            await Task.Delay(100);
        }
    }

    private async Task<string?> CodeAsync(HttpStatusCode status, string path)
    {
        var answer = await _scene.Holder.GetAsync(path);
        Assert.Equal(status, answer.StatusCode);
        return await SharingScene.CodeAsync(answer);
    }

    private async Task<long> KeysOfAsync(Guid document)
    {
        await using var owner = Npgsql.NpgsqlDataSource.Create(_server.KeyDatabase.OwnerConnectionString);
        await using var count = owner.CreateCommand("select count(*) from object_keys where object = $1");
        count.Parameters.Add(new Npgsql.NpgsqlParameter<Guid> { TypedValue = document });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    private async Task<JsonArray> DocumentsAsync() =>
        (await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/vaults/{_scene.Vault}/documents"))!["items"]!.AsArray();
}
