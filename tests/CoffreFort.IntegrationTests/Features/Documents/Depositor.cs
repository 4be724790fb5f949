using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>A holder with a vault, and what tests of deposits ask again and again: is anything left over, what does the journal hold.</summary>
internal sealed class Depositor(CoffreFortServer server, HttpClient client, Guid vault)
{
    public HttpClient Client => client;

    public Guid Vault => vault;

    public string Address => $"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Avis";

    public static async Task<Depositor> OfAsync(CoffreFortServer server, string persona = "holder")
    {
        var client = await server.AsAsync(persona);
        var opened = await client.PostAsync(new Uri("/api/v1/vaults", UriKind.Relative), null);
        return new Depositor(server, client, Guid.Parse((string)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]!));
    }

    public async Task<Guid> DepositAsync(byte[] bytes)
    {
        var answer = await client.PostAsync(new Uri(Address, UriKind.Relative), new ByteArrayContent(bytes));
        answer.EnsureSuccessStatusCode();
        return Guid.Parse((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!);
    }

    public async Task<IReadOnlyList<StoredEvent>> EventsAsync() =>
        await server.Journal.ReadAllAsync(0).Where(stored => stored.Body is DocumentDeposited or VersionDeposited or DocumentRead or DocumentDescribed or IntegrityFailed).ToListAsync();

    /// <summary>No unfinished upload, and no more blobs than the journal knows.</summary>
    public async Task AssertNothingLeftAsync(int blobs = 0)
    {
        for (var tries = 0; server.Blobs.Unfinished().Count > 0 && tries < 100; tries++) await Task.Delay(50);
        Assert.Empty(server.Blobs.Unfinished());
        Assert.Equal(blobs, (await Blobs.NamesAsync()).Count);
        Assert.Equal(blobs, (await EventsAsync()).Count(stored => stored.Body is DocumentDeposited or VersionDeposited));
    }

    public StoredBlobs Blobs => server.Blobs;

    public static async Task<string?> CodeOf(HttpResponseMessage answer) => (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())?["code"];
}
