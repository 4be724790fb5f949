using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Server.Demo;

namespace CoffreFort.IntegrationTests.Features.Signatures;

/// <summary>The signature that a document brings along: verified at its deposit, recorded with it, and shown to whoever may see it.</summary>
public sealed class SignatureTests : IAsyncLifetime
{
    private static readonly byte[] s_plain = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Demo", "Documents", "avis-imposition.pdf"));

    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private byte[] _signed = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        var list = Path.Combine(_server.Data, "demo-issuers");
        using var issuer = X509Certificate2.CreateFromPemFile(Path.Combine(list, "tax-office.pem"), Path.Combine(list, "key.pem"));
        _signed = SignedPaper.Sign(s_plain, issuer, DateTimeOffset.UtcNow);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-040")]
    public async Task what_a_listed_issuer_signed_is_shown_to_the_holder_and_to_whoever_may_read_it()
    {
        var document = await _scene.DepositAsync(_signed);
        var verdict = (await SeenAsync(document))!;
        Assert.Equal("valid", (string?)verdict["verdict"]);
        Assert.Equal("Centre des impôts de démonstration", (string?)verdict["issuer"]);
        Assert.Equal(64, ((string?)verdict["anchor"])!.Length);
        Assert.True(JsonNode.DeepEquals(verdict, (await ItemsAsync(_scene.Holder, $"/api/v1/vaults/{_scene.Vault}/documents"))[0]!["signature"]), "The list says something else.");
        using var holder = await PageBrowser.AsAsync(_server, "holder");
        Assert.Contains("Signature vérifiée : Centre des impôts de démonstration", (await holder.GetAsync($"/documents/{document}")).Text, StringComparison.Ordinal);

        var consent = await _scene.GrantAsync(document);
        Assert.True(JsonNode.DeepEquals(verdict, (await ItemsAsync(_scene.Clerk, $"/api/v1/consents/{consent}/evidence"))[0]!["signature"]), "The agency is told something else.");
        using var clerk = await PageBrowser.AsAsync(_server, "clerk-town");
        Assert.Contains("Signature vérifiée : Centre des impôts", (await clerk.GetAsync($"/agency/consents/{consent}")).Text, StringComparison.Ordinal);
        var chosen = (await clerk.SendAsync($"/agency/consents/{consent}", "", ("Document", $"{document}"), ("Reason", "Tarif"))).Text;
        Assert.Contains("Le fichier est tel que cet organisme l'a signé.", chosen, StringComparison.Ordinal);

        // Who issued it tells about the person.
        var events = await _server.Journal.ReadAllAsync(0).ToListAsync();
        Assert.DoesNotContain(events, stored => Encoding.UTF8.GetString(stored.Data.Span).Contains("monstration", StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public async Task before_the_person_agrees_an_agency_learns_of_no_signature_and_after_it_of_each()
    {
        await _scene.DepositAsync([1], "family-record-book");
        var document = await _scene.DepositAsync(_signed, more: "&period=2025");
        var asked = await (await _scene.Clerk.PostAsJsonAsync("/api/v1/access-requests", new { vault = _scene.Vault, procedure = "family-portal" })).Content.ReadFromJsonAsync<JsonObject>();
        var request = $"/api/v1/access-requests/{asked!["id"]}";
        Assert.All((await _scene.Clerk.GetFromJsonAsync<JsonObject>(request))!["pieces"]!.AsArray(), piece => Assert.Null(piece!["signature"]));
        Assert.Contains((await _scene.Holder.GetFromJsonAsync<JsonObject>(request))!["pieces"]!.AsArray(), piece => (string?)piece!["signature"]?["verdict"] == "valid");
        var answer = await _scene.Holder.PostAsJsonAsync($"{request}/approve", new { uses = 3 });
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var granted = (await _scene.Clerk.GetFromJsonAsync<JsonObject>(request))!;
        Assert.Contains(granted["pieces"]!.AsArray(), piece => (string?)piece!["signature"]?["verdict"] == "valid");

        // Whoever may not read any more learns no names either.
        (await _scene.Holder.PostAsync($"/api/v1/consents/{granted["consent"]}/revoke", null)).EnsureSuccessStatusCode();
        Assert.All((await _scene.Clerk.GetFromJsonAsync<JsonObject>(request))!["pieces"]!.AsArray(), piece => Assert.Null(piece!["signature"]));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public async Task a_signed_message_can_not_be_opened_as_what_stands_around_its_content()
    {
        var list = Path.Combine(_server.Data, "demo-issuers");
        using var issuer = X509Certificate2.CreateFromPemFile(Path.Combine(list, "tax-office.pem"), Path.Combine(list, "key.pem"));
        var message = new SignedCms(new ContentInfo(s_plain));
        message.ComputeSignature(new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, issuer) { SignedAttributes = { new Pkcs9SigningTime() } });
        var document = await _scene.DepositAsync(message.Encode(), more: "&fileName=avis.pdf");
        Assert.Equal(("valid", null), Said(await SeenAsync(document)));
        var answer = await _scene.Holder.GetAsync($"/api/v1/documents/{document}/versions/1/content");
        Assert.Equal("application/pkcs7-mime", answer.Content.Headers.ContentType!.MediaType);
        Assert.Equal("avis.pdf.p7m", answer.Content.Headers.ContentDisposition!.FileNameStar);
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public async Task a_signature_that_does_not_hold_is_told_plainly_and_the_document_taken()
    {
        var changed = _signed.ToArray();
        changed[100] ^= 1;
        var document = await _scene.DepositAsync(changed);
        Assert.Equal(("broken", "content"), Said(await SeenAsync(document)));
        using var holder = await PageBrowser.AsAsync(_server, "holder");
        var page = (await holder.GetAsync($"/documents/{document}")).Text;
        Assert.Contains("La signature de ce fichier ne tient pas", page, StringComparison.Ordinal);
        Assert.Contains("Le fichier a été modifié après sa signature.", page, StringComparison.Ordinal);
        Assert.Equal(changed, await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{document}/versions/1/content"));

        // A newer version as it was received makes it good again, and each version keeps its own verdict.
        (await _scene.Holder.PostAsync($"/api/v1/documents/{document}/versions", new ByteArrayContent(_signed))).EnsureSuccessStatusCode();
        Assert.Equal(("valid", null), Said(await SeenAsync(document)));
        Assert.DoesNotContain("ne tient pas", (await holder.GetAsync($"/documents/{document}")).Text, StringComparison.Ordinal);
        Assert.Contains("ne tient pas", (await holder.GetAsync($"/documents/{document}?version=1")).Text, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public async Task an_unsigned_document_looks_as_ever_and_others_are_what_they_are()
    {
        var plain = await _scene.DepositAsync(s_plain);
        Assert.Null(await SeenAsync(plain));
        using var holder = await PageBrowser.AsAsync(_server, "holder");
        Assert.DoesNotContain("Sign", (await holder.GetAsync($"/documents/{plain}")).Text.Split("<main", 2)[^1], StringComparison.Ordinal);
        Assert.Null(await SeenAsync(await _scene.DepositAsync([1, 2, 3])));
        Assert.Equal(("unrecognised", "other-kind"), Said(await SeenAsync(await _scene.DepositAsync(_signed, "payslip"))));
        Assert.Equal(("unchecked", "appended"), Said(await SeenAsync(await _scene.DepositAsync([.. _signed, 10]))));
        // Longer than what is looked at: the bytes in front of the signature are a comment.
        Assert.Equal(("unchecked", "too-large"), Said(await SeenAsync(await _scene.DepositAsync([.. "%PDF-1.4\n%"u8, .. new byte[9 << 20], .. _signed]))));
    }

    [Fact]
    [Trait("Requirement", "R-040")]
    public async Task with_its_document_a_signature_is_erased()
    {
        var document = await _scene.DepositAsync(_signed);
        Assert.NotNull(await SeenAsync(document));
        Assert.True((await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=0")).IsSuccessStatusCode);
        var versions = await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}");
        Assert.Null(versions!["signature"]);
        using var holder = await PageBrowser.AsAsync(_server, "holder");
        Assert.DoesNotContain("Centre des impôts", (await holder.GetAsync($"/documents/{document}")).Text, StringComparison.Ordinal);
    }

    private async Task<JsonNode?> SeenAsync(Guid document)
    {
        var answer = await _scene.Holder.GetAsync($"/api/v1/documents/{document}");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!["signature"];
    }

    private static async Task<JsonArray> ItemsAsync(HttpClient client, string path) => (await client.GetFromJsonAsync<JsonObject>(path))!["items"]!.AsArray();

    private static (string? Verdict, string? Reason) Said(JsonNode? signature) => ((string?)signature?["verdict"], (string?)signature?["reason"]);
}
