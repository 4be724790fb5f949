using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Documents;
using Npgsql;

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

    /// <summary>No unfinished upload, no more blobs than the journal knows, and no key of what became nothing.</summary>
    public async Task AssertNothingLeftAsync(int blobs = 0)
    {
        for (var tries = 0; server.Blobs.Unfinished().Count > 0 && tries < 600; tries++) await Task.Delay(50);
        Assert.Empty(server.Blobs.Unfinished());
        Assert.Equal(blobs, (await Blobs.NamesAsync()).Count);
        var known = (await EventsAsync()).Where(stored => stored.Body is DocumentDeposited or VersionDeposited).ToList();
        Assert.Equal(blobs, known.Count);
        // Of each version its content's and its commitment's, of each document its texts', and the vault's own.
        var keys = (2 * known.Count) + known.Count(stored => stored.Body is DocumentDeposited) + 1;
        for (var tries = 0; await KeysAsync() > keys && tries < 600; tries++) await Task.Delay(50);
        Assert.Equal(keys, await KeysAsync());
    }

    private async Task<long> KeysAsync()
    {
        await using var owner = NpgsqlDataSource.Create(server.KeyDatabase.OwnerConnectionString);
        await using var count = owner.CreateCommand("select count(*) from object_keys where vault = $1");
        count.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = vault });
        return (long)(await count.ExecuteScalarAsync())!;
    }

    public StoredBlobs Blobs => server.Blobs;

    public static async Task<string?> CodeOf(HttpResponseMessage answer) => (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())?["code"];
}
