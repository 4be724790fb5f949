using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Catalogues;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>An operator changes the catalogue's files: the journal says so once, and an auditor sees which one was in force.</summary>
[Trait("Requirement", "R-037")]
public sealed class CatalogueChangeTests
{
    [Fact]
    public async Task a_change_is_recorded_once_over_several_nodes_and_the_replay_shows_what_was_in_force()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false);
        var scene = await SharingScene.InAsync(server);
        var first = Assert.Single(await ChangesAsync(server));
        var before = await server.Journal.NowAsync();
        var folder = Path.Combine(server.Data, "catalogue");
        Directory.CreateDirectory(folder);
        foreach (var file in Directory.GetFiles(Path.Combine(AppContext.BaseDirectory, "Catalogue"), "*.json")) File.Copy(file, Path.Combine(folder, Path.GetFileName(file)));
        await File.AppendAllTextAsync(Path.Combine(folder, "procedures.json"), "\n");

        await using (await server.AnotherNodeAsync()) Assert.Single(await ChangesAsync(server));
        await using var second = await server.AnotherNodeAsync(null, "--catalogue", folder);
        await using var third = await server.AnotherNodeAsync(null, "--catalogue", folder);

        var changes = await ChangesAsync(server);
        Assert.Equal(2, changes.Count);
        Assert.Equal(first with { ProceduresSha256 = changes[1].ProceduresSha256 }, changes[1]);
        Assert.NotEqual(first.ProceduresSha256, changes[1].ProceduresSha256);
        var auditor = await server.AsAsync("auditor");
        var opened = await (await auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "Catalogue", vaults = new[] { scene.Vault } })).Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal(changes[1].ProceduresSha256, await InForceAsync(""));
        Assert.Equal(first.ProceduresSha256, await InForceAsync($"&at={before.UtcDateTime:yyyy-MM-ddTHH:mm:ss.ffffffZ}"));
        var page = await auditor.GetStringAsync($"/audits/{opened!["id"]}?vault={scene.Vault}");
        Assert.Contains("Catalogue en vigueur depuis", page, StringComparison.Ordinal);
        Assert.Contains(changes[1].ProceduresSha256[..16], page, StringComparison.Ordinal);

        async Task<string?> InForceAsync(string at) =>
            (string?)(await auditor.GetFromJsonAsync<JsonObject>($"/api/v1/audits/{opened!["id"]}/state?vault={scene.Vault}{at}"))!["catalogue"]!["proceduresSha256"];
    }

    private static async Task<IReadOnlyList<CatalogueChanged>> ChangesAsync(CoffreFortServer server) =>
        [.. (await server.Journal.FetchStreamAsync(CatalogueInForce.Stream)).Select(stored => (CatalogueChanged)stored.Body)];
}
