using System.Net.Http.Json;
using System.Text.Json;
using CoffreFort.Server;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Audits;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>Four hours without a timestamp, over HTTP: what was sealed stays evidence, and nothing else is any more until the authority is back.</summary>
public sealed class UnsealedTests
{
    [Fact]
    [Trait("Requirement", "R-284")]
    public async Task after_four_hours_without_a_timestamp_no_receipt_is_evidence_for_what_is_not_sealed()
    {
        var answers = true;
        await using var authority = await AuthorityAsync(() => Volatile.Read(ref answers));
        await using var server = await CoffreFortServer.StartAsync(
            seeded: false, null, "--Timestamps:Url", AddressOf(authority), "--Timestamps:Anchors", OpenSslAuthority.Shared.AnchorsFile, "--Timestamps:Events", "1");
        using var holder = await server.AsAsync("holder");
        var sealedEvent = await WriteAsync(server, () => holder.PostAsync("/api/v1/vaults", null));
        await UntilAsync(async () => (await ReceiptAsync(holder, sealedEvent)).Reason == "timestamped");

        Volatile.Write(ref answers, false);
        var vault = (await holder.GetFromJsonAsync<JsonElement>("/api/v1/vaults/me")).GetProperty("id").GetString();
        var later = await WriteAsync(server, () => holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=Avis", new ByteArrayContent([1, 2, 3])));
        Assert.Equal(("evidence", "timestamp-pending"), await ReceiptAsync(holder, later));
        var began = (await server.Journal.FetchStreamAsync(later.Stream))[0].Timestamp;
        await AdvanceAsync(server, began.AddHours(4).AddMinutes(-2));
        Assert.Equal(("evidence", "timestamp-pending"), await ReceiptAsync(holder, later));
        Assert.False((await LogAsync(server)).GetProperty("overdue").GetBoolean());

        await AdvanceAsync(server, began.AddHours(4).AddSeconds(1));
        Assert.Equal(("plain", "unsealed-too-long"), await ReceiptAsync(holder, later));
        Assert.Equal(("evidence", "timestamped"), await ReceiptAsync(holder, sealedEvent));
        var log = await LogAsync(server);
        Assert.True(log.GetProperty("overdue").GetBoolean());
        Assert.StartsWith("04:0", log.GetProperty("unsealedFor").GetString(), StringComparison.Ordinal);

        // The authority is back: one timestamp over the last checkpoint seals all that waited.
        Volatile.Write(ref answers, true);
        var size = (await server.Journal.HeadAsync()).Size;
        await server.Services.GetRequiredService<Checkpointer>().CoverAsync(size, TimeSpan.FromSeconds(60));
        await UntilAsync(async () => await server.Services.GetRequiredService<Sealer>().SealAsync(CancellationToken.None) || (await ReceiptAsync(holder, later)).Reason == "timestamped");
        Assert.Equal(("evidence", "timestamped"), await ReceiptAsync(holder, later));
        Assert.False((await LogAsync(server)).GetProperty("overdue").GetBoolean());
    }

    /// <summary>The first event that a request wrote, once a checkpoint covers it.</summary>
    private static async Task<(Guid Id, Guid Stream)> WriteAsync(CoffreFortServer server, Func<Task<HttpResponseMessage>> write)
    {
        var before = (await server.Journal.HeadAsync()).Size;
        (await write()).EnsureSuccessStatusCode();
        var stored = await server.Journal.ReadAllAsync(before).FirstAsync();
        await server.Services.GetRequiredService<Checkpointer>().CoverAsync(stored.Position, TimeSpan.FromSeconds(60));
        return (stored.Id, stored.StreamId);
    }

    private static async Task<(string? Grade, string? Reason)> ReceiptAsync(HttpClient holder, (Guid Id, Guid Stream) of)
    {
        var receipt = await holder.GetFromJsonAsync<JsonElement>($"/api/v1/receipts/{of.Id}");
        return (receipt.GetProperty("grade").GetString(), receipt.GetProperty("gradeReason").GetString());
    }

    private static async Task<JsonElement> LogAsync(CoffreFortServer server)
    {
        using var anonymous = server.Anonymous();
        using var answer = await anonymous.GetAsync("/health/ready");
        return (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("log");
    }

    /// <summary>Another node, whose clock runs ahead in a drill, records something: the journal's time is never earlier after that.</summary>
    private static async Task AdvanceAsync(CoffreFortServer server, DateTimeOffset to)
    {
        await using var database = NpgsqlDataSource.Create(server.JournalDatabase.ApplicationConnectionString);
        await using var node = new EventStore.Journal(database, JournalEvents.Registry, new EventStore.JournalOptions { ClockOffset = to - DateTimeOffset.UtcNow });
        var session = node.OpenSession();
        session.Append<Audit>(Guid.CreateVersion7(), new AuditQueried("drill", Guid.Empty, null));
        await session.SaveChangesAsync();
    }

    private static string AddressOf(WebApplication authority) => authority.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single();

    private static async Task<WebApplication> AuthorityAsync(Func<bool> answers)
    {
        var builder = WebApplication.CreateSlimBuilder(["--urls", "http://127.0.0.1:0"]);
        builder.Logging.ClearProviders();
        var authority = builder.Build();
        authority.Run(async http =>
        {
            if (!answers())
            {
                http.Response.StatusCode = 503;
                return;
            }

            using var asked = new MemoryStream();
            await http.Request.Body.CopyToAsync(asked);
            http.Response.ContentType = "application/timestamp-reply";
            await http.Response.Body.WriteAsync(OpenSslAuthority.Shared.Reply(asked.ToArray()));
        });
        await authority.StartAsync();
        return authority;
    }

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(60); !await holds(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
    }
}
