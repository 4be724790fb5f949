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
        var folder = Path.Combine(server.Data, "blobs");
        for (var tries = 0; Directory.GetFiles(Path.Combine(folder, ".incoming")).Length > 0 && tries < 100; tries++) await Task.Delay(50);
        Assert.Empty(Directory.GetFiles(Path.Combine(folder, ".incoming")));
        Assert.Equal(blobs, BlobFiles().Length);
        Assert.Equal(blobs, (await EventsAsync()).Count(stored => stored.Body is DocumentDeposited or VersionDeposited));
    }

    public string[] BlobFiles() => [.. Directory.GetDirectories(Path.Combine(server.Data, "blobs"), "??").SelectMany(Directory.GetFiles)];

    public static async Task<string?> CodeOf(HttpResponseMessage answer) => (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())?["code"];
}
