using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Checkpoints;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A log's key is made when its first checkpoint is signed, and never again: a lost one is missed, not replaced.</summary>
public sealed class LogKeyTests
{
    private const string Old = "log.example/keys";

    [Fact]
    [Trait("Requirement", "R-286")]
    public async Task a_lost_key_is_refused_by_name_and_nothing_that_anybody_asks_makes_another()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false, null, "--Log:Origin", Old);
        using var anybody = server.Anonymous();
        using (var holder = await server.AsAsync("holder")) (await holder.PostAsync("/api/v1/vaults", null)).Dispose();
        await server.Services.GetRequiredService<Checkpointer>().CoverAsync(1, TimeSpan.FromSeconds(60));
        var before = await anybody.GetStringAsync(new Uri("/log/vkey", UriKind.Relative));
        var file = Assert.Single(KeyFiles(server));
        // Another node, which has not opened the key before it was lost.
        await using var other = await server.AnotherNodeAsync(null, "--Log:Origin", Old);
        File.Move(file, file + ".lost");

        using var stranger = other.Anonymous();
        using (var keys = await stranger.GetAsync(new Uri("/log/vkey", UriKind.Relative)))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, keys.StatusCode);
            Assert.Contains("log-key-missing", await keys.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        Assert.Null((await stranger.GetFromJsonAsync<JsonObject>("/log/origins"))!["key"]);
        using var fresh = new LogKeys(new(() => Cryptography.FileKeyring.OpenOrCreate(Path.Combine(server.Data, "keyring"))));
        Assert.Contains(Old, Assert.Throws<LogKeyMissingException>(() => fresh.Sign("text\n", Old)).Message, StringComparison.Ordinal);
        Assert.Empty(KeyFiles(server));
        var refusal = await Assert.ThrowsAsync<ForkRefusedException>(() => server.AnotherNodeAsync(null, "--Log:Origin", Old));
        Assert.Contains($"The keyring holds no key of the log {Old}.", refusal.Message, StringComparison.Ordinal);
        Assert.Empty(KeyFiles(server));

        File.Move(file + ".lost", file);
        Assert.Equal(before, await stranger.GetStringAsync(new Uri("/log/vkey", UriKind.Relative)));
    }

    private static string[] KeyFiles(CoffreFortServer server) => Directory.GetFiles(Path.Combine(server.Data, "keyring"), "signing-log-*.p12");
}
