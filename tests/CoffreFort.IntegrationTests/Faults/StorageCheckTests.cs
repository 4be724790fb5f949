using System.Net.Http.Json;
using System.Text.Json.Nodes;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>The check that follows each kill must be able to see what it looks for: a fault is planted, and it names it.</summary>
public sealed class StorageCheckTests : IAsyncLifetime
{
    private ServerProcess server = null!;

    private StoredBlobs Blobs => new(server.Data, server.BlobSettings);

    public async Task InitializeAsync()
    {
        server = await ServerProcess.StartAsync();
        using var holder = await server.AsAsync("holder");
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (string)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        for (var i = 0; i < 3; i++)
        {
            using var deposited = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Avis {i}", new ByteArrayContent(new byte[20_000 + i]));
            deposited.EnsureSuccessStatusCode();
        }
    }

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    public async Task nothing_is_found_until_a_fault_is_planted_and_then_each_is_named()
    {
        Assert.Empty(await StorageCheck.FaultsAsync(server));

        await PlantedAsync("update coffrefort_views.document_list set size = size + 1 where size = 20001", "projection: document_list: only in the view");
        await PlantedAsync("delete from coffrefort_views.document_list where size = 20002", "projection: document_list: only in the journal");
        await PlantedAsync("update coffrefort.mt_event_progression set last_seq_id = last_seq_id + 1 where name = 'document_list'", "projection: document_list stands at");
        var event3 = await TextAsync("select data::text from coffrefort.mt_events where seq_id = 3");
        var sealedBytes = (int)JsonNode.Parse(event3)!["content"]!["sealedSize"]!;
        await PlantedAsync($"update coffrefort.mt_events set data = replace(data::text, '{sealedBytes}', '{sealedBytes + 1}')::json where seq_id = 3", "journal: leaf: Event 3", "of event 3 is");

        var blob = BlobOf(JsonNode.Parse(await TextAsync("select data::text from coffrefort.mt_events where seq_id = 4"))!);
        await Blobs.FlipAsync(blob, 8000);
        Assert.Contains(await StorageCheck.FaultsAsync(server), fault => fault.EndsWith("of event 4 is not what was sealed", StringComparison.Ordinal));
        await Blobs.DeleteAsync(blob);
        Assert.Contains(await StorageCheck.FaultsAsync(server), fault => fault.EndsWith("of event 4 is missing", StringComparison.Ordinal));

        if (Azurite.HoldsTheSuite) return;
        await File.WriteAllTextAsync(Path.Combine(server.Data, "blobs", ".incoming", "left-behind"), "");
        Assert.Contains(await StorageCheck.FaultsAsync(server), fault => fault.StartsWith("blob: left-behind is an unfinished upload", StringComparison.Ordinal));
    }

    private static string BlobOf(JsonNode @event) => (string)@event["content"]!["blob"]!;

    private async Task PlantedAsync(string fault, params string[] named)
    {
        await server.JournalDatabase.ExecuteAsync(fault);
        var faults = await StorageCheck.FaultsAsync(server);
        foreach (var part in named) Assert.Contains(faults, found => found.Contains(part, StringComparison.Ordinal));
    }

    private async Task<string> TextAsync(string sql)
    {
        await using var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        await using var command = owner.CreateCommand(sql);
        return (string)(await command.ExecuteScalarAsync())!;
    }
}
