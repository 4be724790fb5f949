using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Documents;
using CoffreFort.Server.Features.Signatures;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Signatures;

/// <summary>A signature file that comes beside a document: before it or behind it, verified over what is kept, and given out to whoever has the document.</summary>
public sealed class SignatureFileTests : IAsyncLifetime, IDisposable
{
    private static readonly byte[] s_paper = DetachedScene.Paper;

    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private DetachedScene _beside = null!;
    private string _address = null!;
    private byte[] _signature = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _beside = new DetachedScene(Path.Combine(_server.Data, "demo-issuers"));
        _address = $"/api/v1/vaults/{_scene.Vault}/documents?evidenceType=tax-notice&title=Avis";
        _signature = _beside.Sign(s_paper);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _beside.Dispose();

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task before_its_document_or_behind_it_a_signature_is_verified_and_given_back_for_openssl_to_verify_again()
    {
        foreach (var parts in new[] { new[] { ("document", s_paper), ("signature", _signature) }, [("signature", _signature), ("document", s_paper)] })
        {
            var told = await SendAsync(_address, DetachedScene.Form(parts));
            Assert.Equal(("valid", null, true), Said(told));
            Assert.Equal("Centre des impôts de démonstration", (string?)told["signature"]!["issuer"]);
            Assert.Equal("avis.xml", (string?)told["fileName"]);
            var version = $"/api/v1/documents/{told["id"]}/versions/1";
            Assert.Equal(s_paper, await _scene.Holder.GetByteArrayAsync($"{version}/content"));

            var answer = await _scene.Holder.GetAsync($"{version}/signature");
            Assert.Equal(_signature, await answer.Content.ReadAsByteArrayAsync());
            Assert.Equal(SignatureFile.MediaType, answer.Content.Headers.ContentType!.MediaType);
            Assert.Equal("avis.xml.p7s", answer.Content.Headers.ContentDisposition!.FileName);
            _beside.OpenSsl.Write("kept", await answer.Content.ReadAsByteArrayAsync());
            _beside.OpenSsl.Run("cms -verify -binary -inform DER -in kept -content document -CAfile tax-office.pem -purpose any -out read");
        }

        // The signature alone tells who issued it, and the hash of a form: it stands in no event in the clear.
        var events = await _server.Journal.ReadAllAsync(0).ToListAsync();
        var base64 = Convert.ToBase64String(_signature)[..40];
        Assert.DoesNotContain(events, stored => Encoding.UTF8.GetString(stored.Data.Span).Contains(base64, StringComparison.Ordinal));
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task a_signature_over_other_bytes_is_told_and_kept_and_each_version_has_its_own()
    {
        var told = await SendAsync(_address, DetachedScene.Form(("document", [.. s_paper, 10]), ("signature", _signature)));
        Assert.Equal(("broken", "content", true), Said(told));
        var version = $"/api/v1/documents/{told["id"]}/versions";
        Assert.Equal(_signature, await _scene.Holder.GetByteArrayAsync($"{version}/1/signature"));

        Assert.Equal(("valid", null, true), Said(await SendAsync(version, DetachedScene.Form(("signature", _signature), ("document", s_paper)))));
        // One without: it has no file, whatever the others have.
        Assert.Null((await SendAsync(version, new ByteArrayContent(s_paper)))["signature"]);
        Assert.Equal(HttpStatusCode.OK, (await _scene.Holder.GetAsync($"{version}/2/signature")).StatusCode);
        foreach (var none in new[] { 3, 4 }) Assert.Equal(HttpStatusCode.NotFound, (await _scene.Holder.GetAsync($"{version}/{none}/signature")).StatusCode);
        using var other = await _server.AsAsync("holder2");
        Assert.Equal(HttpStatusCode.NotFound, (await other.GetAsync($"{version}/1/signature")).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task however_long_the_document_is_its_signature_is_verified()
    {
        var large = new byte[(9 << 20) + 1];
        new Random(1).NextBytes(large);
        Assert.Equal(("valid", null, true), Said(await SendAsync(_address, DetachedScene.Form(("document", large), ("signature", _beside.Sign(large))))));
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task beside_a_document_that_is_signed_inside_the_signature_beside_it_counts()
    {
        var inside = _beside.Sign(s_paper, "-nodetach -outform DER");
        Assert.Equal(("valid", null, false), Said(await SendAsync(_address, DetachedScene.Form(("document", inside)))));
        Assert.Equal(("valid", null, true), Said(await SendAsync(_address, DetachedScene.Form(("document", inside), ("signature", _beside.Sign(inside))))));
        Assert.Equal(("broken", "content", true), Said(await SendAsync(_address, DetachedScene.Form(("document", inside), ("signature", _signature)))));
    }

    [Theory]
    [Trait("Requirement", "R-041")]
    [InlineData("long", "signature-too-large", 413)]
    [InlineData("document", "not-a-signature", 422)]
    [InlineData("empty", "not-a-signature", 422)]
    [InlineData("text", "not-a-signature", 422)]
    [InlineData("cut", "not-a-signature", 422)]
    [InlineData("behind", "not-a-signature", 422)]
    [InlineData("with content", "not-a-signature", 422)]
    [InlineData("with other content", "not-a-signature", 422)]
    [InlineData("behind another kind", "not-a-signature", 422)]
    public async Task what_is_no_signature_file_is_refused_before_the_document_or_behind_it_and_leaves_nothing(string file, string code, int status)
    {
        var holder = await Depositor.OfAsync(_server);
        byte[] bytes = file switch
        {
            "long" => [.. _signature, .. new byte[SignatureFile.Longest]],
            "document" => s_paper,
            "text" => _beside.Sign(s_paper, "-outform PEM"),
            "cut" => _signature[..^9],
            "behind" => [.. _signature, 0],
            "with content" => _beside.Sign(s_paper, "-nodetach -outform DER"),
            // Forms that are not looked at further are files all the same.
            "with other content" => _beside.Sign(s_paper, "-nodetach -outform DER -econtent_type 1.2.3.4"),
            "behind another kind" => [.. _beside.Sign(s_paper, "-outform DER -econtent_type 1.2.3.4"), 0],
            _ => [],
        };
        foreach (var parts in new[] { new[] { ("document", s_paper), ("signature", bytes) }, [("signature", bytes), ("document", s_paper)] })
        {
            var told = await SendAsync(_address, DetachedScene.Form(parts));
            Assert.Equal((code, status), ((string?)told["code"], (int)told["status"]!));
        }

        await holder.AssertNothingLeftAsync();
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task a_form_with_anything_else_is_refused_and_leaves_nothing()
    {
        var holder = await Depositor.OfAsync(_server);
        foreach (var (code, parts) in new (string, (string, byte[])[])[]
        {
            ("unexpected-part", [("document", s_paper), ("sginature", _signature)]), ("unexpected-part", [("sginature", _signature), ("document", s_paper)]),
            ("unexpected-part", [("document", s_paper), ("document", s_paper)]), ("unexpected-part", [("signature", _signature), ("document", s_paper), ("signature", _signature)]),
            ("no-file", [("signature", _signature)]),
        })
            Assert.Equal(code, (string?)(await SendAsync(_address, DetachedScene.Form(parts)))["code"]);

        using var cut = new ByteArrayContent("--x\r\nContent-Disposition: form-data; name=\"document\"; filename=\"a\"\r\n\r\nhalf of it"u8.ToArray());
        cut.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        Assert.Equal(400, (int)(await SendAsync(_address, cut))["status"]!);
        foreach (var type in new[] { "multipart/form-data", "Multipart/Form-Data", "multipart/form-data; boundary=" })
        {
            using var bare = new ByteArrayContent(s_paper);
            bare.Headers.TryAddWithoutValidation("Content-Type", type);
            Assert.Equal(415, (int)(await SendAsync(_address, bare))["status"]!);
        }

        await holder.AssertNothingLeftAsync();
    }

    [Theory]
    [Trait("Requirement", "R-041")]
    [InlineData("name=\"document\"; filename*=utf-7''a")]
    [InlineData("name=\"=?utf-7?B?YQ==?=\"")]
    public async Task a_part_whose_name_can_not_be_read_is_a_bad_request_and_no_fault(string described)
    {
        using var form = new ByteArrayContent(Encoding.ASCII.GetBytes($"--x\r\nContent-Disposition: form-data; {described}\r\n\r\na\r\n--x--\r\n"));
        form.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        Assert.Equal(400, (int)(await SendAsync(_address, form))["status"]!);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task a_form_sent_again_under_its_key_is_one_deposit_and_one_without_the_signature_is_another_request()
    {
        var first = await SendAsync(_address, DetachedScene.Form(("document", s_paper), ("signature", _signature)), "once");
        var again = await SendAsync(_address, DetachedScene.Form(("document", s_paper), ("signature", _signature)), "once");
        Assert.Equal((string?)first["id"], (string?)again["id"]);
        Assert.Equal("idempotency-key-reused", (string?)(await SendAsync(_address, DetachedScene.Form(("document", s_paper)), "once"))["code"]);
        Assert.Equal("idempotency-key-reused", (string?)(await SendAsync(_address, new ByteArrayContent(s_paper), "once"))["code"]);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task an_agency_gets_the_signature_once_it_has_read_the_document_and_while_the_consent_stands()
    {
        var document = (Guid)(await SendAsync(_address, DetachedScene.Form(("document", s_paper), ("signature", _signature))))["id"]!;
        var consent = (Guid)(await _scene.GrantAsync(new { grantee = Server.Demo.Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document } }, uses = 1, delivery = "download" }))["id"]!;
        var address = $"/api/v1/consents/{consent}/evidence/{document}/signature";
        var early = await _scene.Clerk.GetAsync(address);
        Assert.Equal((HttpStatusCode.Conflict, "not-read"), (early.StatusCode, await SharingScene.CodeAsync(early)));
        using var stranger = await _server.AsAsync("clerk-caf");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync(address)).StatusCode);

        Assert.Equal(s_paper, await (await _scene.ReadAsync(consent, document)).Content.ReadAsByteArrayAsync());
        // Also when that was the last reading allowed; and it is none itself.
        Assert.Equal(_signature, await _scene.Clerk.GetByteArrayAsync(address));
        Assert.Single(await _scene.UsageAsync(), line => (string?)line!["outcome"] == "read");

        await _scene.RevokeAsync(consent);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Clerk.GetAsync(address)).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task who_may_not_read_the_document_is_not_told_to_read_it_first()
    {
        var (document, other) = ((Guid)(await SendAsync(_address, DetachedScene.Form(("document", s_paper), ("signature", _signature))))["id"]!, await _scene.DepositAsync([1]));
        var consent = (Guid)(await _scene.GrantAsync(new { grantee = Server.Demo.Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document }, new { document = other } }, uses = 1, delivery = "download" }))["id"]!;
        var address = $"/api/v1/consents/{consent}/evidence/{document}/signature";
        Assert.Equal(HttpStatusCode.Conflict, (await _scene.Clerk.GetAsync(address)).StatusCode);

        await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/erase", null);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Clerk.GetAsync(address)).StatusCode);
        Assert.Equal("erased", (string?)(await _scene.UsageAsync("outcome=refused"))[0]!["code"]);
        await _scene.Holder.PostAsync($"/api/v1/vaults/{_scene.Vault}/cancel-erasure", null);

        Assert.Equal(HttpStatusCode.OK, (await _scene.ReadAsync(consent, other)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await _scene.Clerk.GetAsync(address)).StatusCode);
        Assert.Equal("consent-used-up", (string?)(await _scene.UsageAsync("outcome=refused"))[0]!["code"]);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task with_its_document_the_signature_file_is_erased()
    {
        var document = (Guid)(await SendAsync(_address, DetachedScene.Form(("document", s_paper), ("signature", _signature))))["id"]!;
        var address = $"/api/v1/documents/{document}/versions/1/signature";
        Assert.Equal(HttpStatusCode.OK, (await _scene.Holder.GetAsync(address)).StatusCode);
        // Only the event keeps the file: what a node remembers of streams stays small.
        var remembered = (await _server.Journal.AggregateStreamAsync<Server.Features.Documents.Document>(document))!.Latest.Content.Signature!;
        Assert.Equal((true, null), (remembered.IsBeside, remembered.Message));
        Assert.True((await _scene.Holder.DeleteAsync($"/api/v1/documents/{document}?grace=0")).IsSuccessStatusCode);
        Assert.Equal(HttpStatusCode.Gone, (await _scene.Holder.GetAsync(address)).StatusCode);
        await using var scope = _server.Services.CreateAsyncScope();
        var found = (await _server.Journal.FetchStreamAsync(document)).Select(stored => stored.Body).OfType<Server.Features.Documents.DocumentDeposited>().Single().Content.Signature!;
        Assert.NotNull(found.Message);
        Assert.Null(await scope.ServiceProvider.GetRequiredService<Server.Keys.RequestKeys>().RevealAsync(_scene.Vault, found.Message, default));
    }

    private Task<JsonObject> SendAsync(string address, HttpContent body, string? key = null) => DetachedScene.SendAsync(_scene.Holder, address, body, key);

    private static (string? Verdict, string? Reason, bool? Beside) Said(JsonObject told) =>
        ((string?)told["signature"]?["verdict"], (string?)told["signature"]?["reason"], (bool?)told["signature"]?["beside"]);
}
