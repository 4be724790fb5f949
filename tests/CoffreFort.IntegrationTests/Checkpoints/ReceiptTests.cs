using System.Net.Http.Json;
using System.Text.Json;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Transparency;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>What a holder is given can be checked without us: a signed tree, and the way from the event to its root.</summary>
public sealed class ReceiptTests
{
    [Fact]
    [Trait("Requirement", "R-282")]
    public async Task a_receipt_proves_by_itself_that_the_log_held_the_event()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false);
        using var holder = await server.AsAsync("holder");
        using var opened = await holder.PostAsJsonAsync("/api/v1/vaults", new { });
        opened.EnsureSuccessStatusCode();
        var recorded = await server.Journal.ReadAllAsync().FirstAsync(stored => stored.Type == "vault_opened");
        await server.Services.GetRequiredService<Checkpointer>().CoverAsync(recorded.Position, TimeSpan.FromSeconds(30));

        var receipt = await holder.GetFromJsonAsync<JsonElement>($"/api/v1/receipts/{recorded.Id}");

        Assert.Equal(("evidence", "no-authority-configured"), (receipt.GetProperty("grade").GetString(), receipt.GetProperty("gradeReason").GetString()));
        var proof = receipt.GetProperty("proof");
        var key = server.Services.GetRequiredService<LogKeys>().VerifierKey(LogSettings.DefaultOrigin);
        Assert.True(Checkpoint.TryOpen(System.Text.Encoding.UTF8.GetBytes(proof.GetProperty("checkpoint").GetString()!), key, out _, out var checkpoint, out var fault), fault);
        byte[][] hashes = [.. proof.GetProperty("hashes").EnumerateArray().Select(hash => Convert.FromHexString(hash.GetString()!))];
        var leaf = Convert.FromHexString(receipt.GetProperty("leafHash").GetString()!);
        Assert.True(InclusionProof.Verify(proof.GetProperty("index").GetInt64(), checkpoint.Size, leaf, hashes, checkpoint.Root.Span));
    }
}
