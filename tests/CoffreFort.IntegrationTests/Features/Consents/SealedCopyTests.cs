using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Receipts;
using CoffreFort.IntegrationTests.Operations;
using CoffreFort.Server.Demo;
using CoffreFort.Specs.Cryptography.Cms;

namespace CoffreFort.IntegrationTests.Features.Consents;

/// <summary>An agency takes evidence out sealed for its own certificate: recorded first, opened with stock software, seen by the holder.</summary>
public sealed class SealedCopyTests : IDisposable
{
    private static readonly byte[] s_content = [.. "%PDF-1.4 "u8, .. RandomNumberGenerator.GetBytes(40_000)];

    private readonly OpenSsl _openssl = new();

    public void Dispose() => _openssl.Dispose();

    [Fact]
    [Trait("Requirement", "R-335")]
    public async Task a_sealed_copy_is_one_recorded_reading_and_opens_with_openssl_and_with_our_own_program()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var scene = await SharingScene.InAsync(server);
        using var agency = AgencyKey.Make();
        var document = await scene.DepositAsync(s_content);
        var consent = await GrantSealedAsync(scene, document, uses: 2);
        Assert.Equal("no-certificate", await SharingScene.CodeAsync(await SealedAsync(scene, consent, document)));
        var fingerprint = await EnrolAsync(server, agency);
        Assert.Equal("delivery-not-allowed", await SharingScene.CodeAsync(await scene.ReadAsync(consent, document, "reason=Tarif&use=download")));

        using var answer = await SealedAsync(scene, consent, document);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        var copy = await answer.Content.ReadAsByteArrayAsync();
        var line = (await scene.UsageAsync("outcome=read"))[0]!;
        Assert.Equal(("sealed", fingerprint), ((string)line["use"]!, (string)line["recipient"]!));
        await WriteAsync(server, agency, copy);
        _openssl.Run("cms -verify -cades -inform DER -in copy.p7m -CAfile seal.pem -binary -out envelope.der");
        _openssl.Run("cms -decrypt -inform DER -in envelope.der -recip agency.pem -inkey agency.key -binary -out document");
        Assert.Equal(s_content, _openssl.Read("document"));
        await OpenAsync();
        Assert.Equal(s_content, _openssl.Read("opened"));

        var reading = await SealedReceiptTests.EventAsync(server, "evidence_read");
        var stated = JsonNode.Parse(await SealedReceiptTests.OpensAsync(server, await scene.Clerk.GetByteArrayAsync($"/api/v1/receipts/{reading.Id}/signed")))!;
        Assert.Equal(fingerprint, (string)stated["access"]!["recipientFingerprint"]!);
        (await SealedAsync(scene, consent, document)).EnsureSuccessStatusCode();
        Assert.Equal("consent-used-up", await SharingScene.CodeAsync(await SealedAsync(scene, consent, document)));
    }

    [Fact]
    [Trait("Requirement", "R-335")]
    public async Task a_sealed_key_opens_the_ciphertext_that_is_fetched_while_the_consent_stands()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var scene = await SharingScene.InAsync(server);
        using var agency = AgencyKey.Make();
        var document = await scene.DepositAsync(s_content);
        var consent = await GrantSealedAsync(scene, document, uses: 1);
        await EnrolAsync(server, agency);
        var ciphertext = $"/api/v1/consents/{consent}/evidence/{document}/ciphertext";
        Assert.Equal(HttpStatusCode.NotFound, (await scene.Clerk.GetAsync(ciphertext)).StatusCode);

        await WriteAsync(server, agency, await (await SealedAsync(scene, consent, document, "&profile=key")).Content.ReadAsByteArrayAsync());
        _openssl.Write("ciphertext", await scene.Clerk.GetByteArrayAsync(ciphertext));
        await OpenAsync("--ciphertext", Path.Combine(_openssl.Folder, "ciphertext"));

        Assert.Equal(s_content, _openssl.Read("opened"));
        (await scene.Holder.DeleteAsync($"/api/v1/documents/{document}")).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.NotFound, (await scene.Clerk.GetAsync(ciphertext)).StatusCode);
        (await scene.Holder.PostAsync($"/api/v1/documents/{document}/cancel-erasure", null)).EnsureSuccessStatusCode();
        Assert.Equal(HttpStatusCode.OK, (await scene.Clerk.GetAsync(ciphertext)).StatusCode);
        using (var stranger = await server.AsAsync("clerk-caf")) Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(ciphertext)).StatusCode);
        await scene.RevokeAsync(consent);
        Assert.Equal(HttpStatusCode.NotFound, (await scene.Clerk.GetAsync(ciphertext)).StatusCode);
        // Whoever asks hears the same; the holder sees each attempt, and why.
        Assert.Equal(["consent-revoked", "not-grantee", "erased", "out-of-scope"], (await scene.UsageAsync("outcome=refused")).Select(line => (string?)line!["code"]));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-335")]
    public async Task no_key_is_given_to_a_ciphertext_that_is_missing_or_damaged_and_no_use_is_counted(bool missing)
    {
        await using var server = await CoffreFortServer.StartAsync();
        var scene = await SharingScene.InAsync(server);
        using var agency = AgencyKey.Make();
        var document = await scene.DepositAsync(s_content);
        var consent = await GrantSealedAsync(scene, document, uses: 1);
        await EnrolAsync(server, agency);
        var blob = Assert.Single(await server.Blobs.NamesAsync());
        var whole = (await server.Blobs.ReadAsync(blob))!;
        if (missing) await server.Blobs.DeleteAsync(blob);
        else await server.Blobs.FlipAsync(blob, 8L * whole.Length - 1);

        using (var refused = await SealedAsync(scene, consent, document, "&profile=key"))
            Assert.Equal((false, "integrity-failed"), (refused.IsSuccessStatusCode, await SharingScene.CodeAsync(refused)));

        await server.Blobs.WriteAsync(blob, whole);
        (await SealedAsync(scene, consent, document, "&profile=key")).EnsureSuccessStatusCode();
        Assert.Equal(1, (int)(await scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}"))!["used"]!);
    }

    [Fact]
    [Trait("Requirement", "R-334")]
    public async Task nothing_is_sealed_for_a_certificate_without_a_word_of_its_authority_and_no_use_is_counted()
    {
        using var authority = AgencyKey.Authority();
        using var agency = AgencyKey.Make(authority);
        var anchors = Path.Combine(_openssl.Folder, _openssl.Write("anchors.pem", authority.ExportCertificatePem()));
        var lists = Directory.CreateDirectory(Path.Combine(_openssl.Folder, "lists")).FullName;
        await using var server = await CoffreFortServer.StartAsync(arguments: ["--Recipients:Anchors", anchors, "--Recipients:RevocationLists", lists]);
        var scene = await SharingScene.InAsync(server);
        var document = await scene.DepositAsync(s_content);
        var consent = await GrantSealedAsync(scene, document, uses: 5);

        using (var clerk = await server.AsAsync("clerk-town"))
            Assert.Equal("certificate-revocation-unknown", await SharingScene.CodeAsync(await ProposeAsync(clerk, agency)));
        File.WriteAllBytes(Path.Combine(lists, "authority.crl"), ListOf(authority, [9]));
        await EnrolAsync(server, agency);
        (await SealedAsync(scene, consent, document)).EnsureSuccessStatusCode();

        File.WriteAllBytes(Path.Combine(lists, "authority.crl"), ListOf(authority, [1, 2, 3]));
        Assert.Equal("certificate-revoked", await SharingScene.CodeAsync(await SealedAsync(scene, consent, document)));
        File.Delete(Path.Combine(lists, "authority.crl"));
        Assert.Equal("certificate-revocation-unknown", await SharingScene.CodeAsync(await SealedAsync(scene, consent, document)));
        Assert.Equal(1, (int)(await scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}"))!["used"]!);
        Assert.Equal(["certificate-revocation-unknown", "certificate-revoked"], (await scene.UsageAsync("outcome=refused")).Select(line => (string?)line!["code"]));
    }

    [Fact]
    [Trait("Requirement", "R-333")]
    public async Task the_page_lets_two_people_enrol_a_certificate_and_shows_it_to_everybody()
    {
        await using var server = await CoffreFortServer.StartAsync();
        using var agency = AgencyKey.Make();
        var fingerprint = await EnrolAsync(server, agency);
        foreach (var (persona, address) in new[] { ("clerk-town", "/certificates"), ("operator", "/certificates"), ("holder", $"/agencies/{Agencies.TownBrest.Id}/certificates") })
        {
            using var client = await server.AsAsync(persona);
            Assert.Contains(fingerprint, await client.GetStringAsync(address), StringComparison.Ordinal);
        }
    }

    private static Task<HttpResponseMessage> SealedAsync(SharingScene scene, Guid consent, Guid document, string more = "") =>
        scene.Clerk.GetAsync($"/api/v1/consents/{consent}/evidence/{document}/sealed?reason=Tarif{more}");

    private static async Task<Guid> GrantSealedAsync(SharingScene scene, Guid document, int uses) => (Guid)(await scene.GrantAsync(new
    {
        grantee = Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document } }, uses, delivery = "sealed",
    }))["id"]!;

    private static Task<HttpResponseMessage> ProposeAsync(HttpClient client, X509Certificate2 certificate) =>
        client.PostAsJsonAsync($"/api/v1/agencies/{Agencies.TownBrest.Id}/certificates", new { certificate = certificate.ExportCertificatePem() });

    private static async Task<string> EnrolAsync(CoffreFortServer server, X509Certificate2 certificate)
    {
        var fingerprint = Convert.ToHexStringLower(SHA256.HashData(certificate.RawData));
        using var clerk = await server.AsAsync("clerk-town");
        using var second = await server.AsAsync("operator");
        (await ProposeAsync(clerk, certificate)).EnsureSuccessStatusCode();
        var confirm = $"/api/v1/agencies/{Agencies.TownBrest.Id}/certificates/{fingerprint}/confirm";
        Assert.Equal("second-person-needed", await SharingScene.CodeAsync(await clerk.PostAsync(confirm, null)));
        (await second.PostAsync(confirm, null)).EnsureSuccessStatusCode();
        return fingerprint;
    }

    private static byte[] ListOf(X509Certificate2 authority, byte[] serial)
    {
        var builder = new CertificateRevocationListBuilder();
        builder.AddEntry(serial);
        return builder.Build(authority, 1, DateTimeOffset.UtcNow.AddDays(5), HashAlgorithmName.SHA256, thisUpdate: DateTimeOffset.UtcNow.AddDays(-1));
    }

    private async Task WriteAsync(CoffreFortServer server, X509Certificate2 agency, byte[] copy)
    {
        using var anybody = server.Anonymous();
        using var key = agency.GetRSAPrivateKey()!;
        _openssl.Write("seal.pem", await anybody.GetByteArrayAsync("/seal"));
        _openssl.Write("agency.pem", agency.ExportCertificatePem());
        _openssl.Write("agency.key", key.ExportPkcs8PrivateKeyPem());
        _openssl.Write("copy.p7m", copy);
    }

    private async Task OpenAsync(params string[] more)
    {
        string In(string name) => Path.Combine(_openssl.Folder, name);
        var (exit, _, complaints) = await FsckCommand.OperatorAsync(
            ["open", In("copy.p7m"), "--trust", In("seal.pem"), "--key", In("agency.key"), "--certificate", In("agency.pem"), "--out", In("opened"), .. more]);
        Assert.True(exit == 0, complaints);
    }
}
