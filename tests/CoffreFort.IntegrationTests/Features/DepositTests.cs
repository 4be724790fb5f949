using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>Deposit and read back, over HTTP.</summary>
public sealed class DepositTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;

    public async Task InitializeAsync() => _server = await CoffreFortServer.StartAsync(seeded: false);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-001")]
    [Trait("Requirement", "R-101")]
    [Trait("Requirement", "R-102")]
    public async Task a_deposited_document_is_read_back_byte_for_byte()
    {
        var holder = await _server.AsAsync("holder");
        var vault = await OpenVaultAsync(holder);
        var bytes = new byte[123_456];
        new Random(1).NextBytes(bytes);

        var deposited = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Avis", new ByteArrayContent(bytes));
        Assert.Equal(HttpStatusCode.Created, deposited.StatusCode);
        var document = await deposited.Content.ReadFromJsonAsync<JsonObject>();

        Assert.Equal(bytes, await holder.GetByteArrayAsync($"/api/v1/documents/{document!["id"]}/versions/1/content"));
        var history = await holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document["id"]}/history");
        Assert.Equal(["document_deposited", "document_read"], history!["items"]!.AsArray().Select(line => (string)line!["type"]!));
    }

    [Fact]
    [Trait("Requirement", "R-006")]
    [Trait("Requirement", "R-104")]
    public async Task another_persons_document_looks_like_none_at_all()
    {
        var holder = await _server.AsAsync("holder");
        var vault = await OpenVaultAsync(holder);
        var deposited = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Avis", new ByteArrayContent([1, 2, 3]));
        var id = (await deposited.Content.ReadFromJsonAsync<JsonObject>())!["id"];

        var stranger = await _server.AsAsync("holder2");
        foreach (var path in new[] { $"/api/v1/documents/{id}", $"/api/v1/documents/{id}/versions/1/content", $"/api/v1/documents/{Guid.NewGuid()}" })
            Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(path)).StatusCode);
    }

    private static async Task<string> OpenVaultAsync(HttpClient holder)
    {
        var answer = await holder.PostAsync("/api/v1/vaults", null);
        return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }
}
