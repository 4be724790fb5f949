using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography.Cms;
using CoffreFort.IntegrationTests.Checkpoints;
using CoffreFort.IntegrationTests.Web;
using CoffreFort.Server.Edges.Timestamps;
using CoffreFort.Specs.Cryptography.Cms;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Receipts;

/// <summary>A person takes a receipt away that proves by itself; openssl and the published certificate are all that whoever gets it needs.</summary>
public sealed class SealedReceiptTests
{
    private const string Verify = "cms -verify -cades -inform DER -in receipt.p7m -CAfile seal.pem -binary -out receipt.json";

    [Fact]
    [Trait("Requirement", "R-330")]
    public async Task a_deposits_receipt_is_the_same_each_time_says_that_it_has_no_timestamp_and_passes_openssl()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var scene = await SharingScene.InAsync(server);
        var document = await scene.DepositAsync("%PDF-1.4 avis"u8.ToArray());
        var deposited = await EventAsync(server, "document_deposited");

        using var first = await scene.Holder.GetAsync($"/api/v1/receipts/{deposited.Id}/signed");
        var receipt = await first.Content.ReadAsByteArrayAsync();
        Assert.Equal((HttpStatusCode.OK, "CAdES-B-B"), (first.StatusCode, first.Headers.GetValues("Receipt-Level").Single()));
        Assert.Equal(receipt, await scene.Holder.GetByteArrayAsync($"/api/v1/receipts/{deposited.Id}/signed"));
        Assert.Single(await server.Journal.ReadAllAsync().Where(stored => stored.Name == "receipt_issued").ToListAsync());

        var stated = JsonNode.Parse(await OpensAsync(server, receipt))!;
        Assert.Equal((deposited.Id, deposited.Position, Convert.ToHexStringLower(deposited.LeafHash.Span)), ((Guid)stated["event"]!, (long)stated["position"]!, (string)stated["leafHash"]!));
        Assert.Equal(($"{document}/versions/1", 13, "SHA-256"), ((string)stated["deposit"]!["objectId"]!, (int)stated["deposit"]!["size"]!, (string)stated["deposit"]!["hashAlgorithm"]!));
        Assert.Equal(6, stated["deposit"]!.AsObject().Count);

        var plain = (await scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/receipts/{deposited.Id}"))!;
        Assert.Equal(("CAdES-B-B", "no-authority-configured"), ((string)plain["sealed"]!["level"]!, (string)plain["sealed"]!["reason"]!));
        var page = await scene.Holder.GetStringAsync($"/receipts/{deposited.Id}");
        Assert.Contains("Sans horodatage", page, StringComparison.Ordinal);
        using var stranger = await server.AsAsync("holder2");
        using var refused = await stranger.GetAsync($"/api/v1/receipts/{deposited.Id}/signed");
        Assert.Equal(HttpStatusCode.NotFound, refused.StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-331")]
    public async Task an_authority_that_was_away_timestamps_the_same_receipt_later_and_once()
    {
        var authority = new WaywardAuthority { IsAway = true };
        var clock = new ShellClock();
        await using var server = await CoffreFortServer.StartAsync(
            configure: services => services.AddSingleton<ITimestampAuthority>(authority).AddSingleton<TimeProvider>(clock), arguments: [.. OpenSslEdge.Settings.Select(one => "--" + one), "--Timestamps:Tolerance=00:10:00"]);
        var scene = await SharingScene.InAsync(server);
        await scene.DepositAsync("%PDF-1.4 avis"u8.ToArray());
        var address = $"/api/v1/receipts/{(await EventAsync(server, "document_deposited")).Id}";

        var without = await scene.Holder.GetByteArrayAsync(address + "/signed");
        Assert.Equal("timestamp-pending", (string)(await scene.Holder.GetFromJsonAsync<JsonObject>(address))!["sealed"]!["reason"]!);
        authority.IsAway = false;
        // Nobody waits again for an authority that has just been away.
        Assert.Equal(without, await scene.Holder.GetByteArrayAsync(address + "/signed"));
        clock.Ahead = TimeSpan.FromMinutes(2);
        var with = await scene.Holder.GetByteArrayAsync(address + "/signed");
        // Another timestamp would be other bytes.
        Assert.Equal(with, await scene.Holder.GetByteArrayAsync(address + "/signed"));

        var seal = X509Certificate2.CreateFromPem(await scene.Holder.GetStringAsync("/seal"));
        var trust = new SealTrust([seal], OpenSslAuthority.Shared.Trust);
        var (before, after) = (SealedReceipt.Verify(without, trust, DateTimeOffset.UtcNow), SealedReceipt.Verify(with, trust, DateTimeOffset.UtcNow.AddYears(1)));
        Assert.Equal((false, true), (before.Evidence.HasTimestamp, after.Evidence.Timestamp is not null));
        Assert.Equal(before.Statement, after.Statement);
        Assert.Equal(before.Statement, await OpensAsync(server, with));
        Assert.Equal(("CAdES-B-T", "timestamped"), await LevelAsync(scene.Holder, address));
    }

    [Fact]
    [Trait("Requirement", "R-330")]
    public async Task a_readings_receipt_is_for_the_holder_and_the_agency_that_read()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var scene = await SharingScene.InAsync(server);
        var document = await scene.DepositAsync("%PDF-1.4 avis"u8.ToArray());
        var consent = await scene.GrantAsync(document);
        using (var read = await scene.ReadAsync(consent, document)) read.EnsureSuccessStatusCode();
        var reading = await EventAsync(server, "evidence_read");

        var receipt = await scene.Clerk.GetByteArrayAsync($"/api/v1/receipts/{reading.Id}/signed");
        Assert.Equal(receipt, await scene.Holder.GetByteArrayAsync($"/api/v1/receipts/{reading.Id}/signed"));
        var access = JsonNode.Parse(await OpensAsync(server, receipt))!["access"]!;
        Assert.Equal((document, consent), ((Guid)access["document"]!, (Guid)access["consent"]!));

        using var other = await server.AsAsync("clerk-caf");
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"/api/v1/receipts/{reading.Id}/signed")).StatusCode);
        var granted = await EventAsync(server, "consent_granted");
        Assert.Equal("no-sealed-receipt", await SharingScene.CodeAsync(await scene.Holder.GetAsync($"/api/v1/receipts/{granted.Id}/signed")));
    }

    [Fact]
    [Trait("Requirement", "R-331")]
    public async Task many_who_ask_at_once_get_one_receipt()
    {
        await using var server = await CoffreFortServer.StartAsync();
        await using var other = await server.AnotherNodeAsync();
        var scene = await SharingScene.InAsync(server);
        await scene.DepositAsync("%PDF-1.4 avis"u8.ToArray());
        var deposited = await EventAsync(server, "document_deposited");
        using var elsewhere = await other.AsAsync("holder");

        var receipts = await Task.WhenAll(Enumerable.Range(0, 16).Select(i => (i % 2 == 0 ? scene.Holder : elsewhere).GetByteArrayAsync($"/api/v1/receipts/{deposited.Id}/signed")));

        Assert.Single(receipts.Select(Convert.ToBase64String).Distinct());
    }

    internal static async Task<EventStore.StoredEvent> EventAsync(CoffreFortServer server, string name) =>
        await server.Journal.ReadAllAsync().LastAsync(stored => stored.Name == name);

    /// <summary>What stock software reads in it, with the published certificate alone.</summary>
    internal static async Task<string> OpensAsync(CoffreFortServer server, byte[] receipt)
    {
        using var openssl = new OpenSsl();
        using var anybody = server.Anonymous();
        openssl.Write("seal.pem", await anybody.GetByteArrayAsync("/seal"));
        openssl.Write("receipt.p7m", receipt);
        openssl.Run(Verify);
        return System.Text.Encoding.UTF8.GetString(openssl.Read("receipt.json"));
    }

    private static async Task<(string?, string?)> LevelAsync(HttpClient client, string address)
    {
        var made = (await client.GetFromJsonAsync<JsonObject>(address))!["sealed"]!;
        return ((string?)made["level"], (string?)made["reason"]);
    }
}
