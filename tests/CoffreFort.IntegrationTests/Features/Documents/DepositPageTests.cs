using System.Net;
using System.Text;
using System.Text.RegularExpressions;
using CoffreFort.IntegrationTests.Features.Signatures;
using CoffreFort.Server.Features.Signatures;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>The same deposit through the page, as a browser without scripts sends it.</summary>
public sealed partial class DepositPageTests : IAsyncLifetime, IDisposable
{
    private CoffreFortServer _server = null!;
    private Depositor _holder = null!;
    private HttpClient _browser = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false, null, "--Documents:MaximumLength", "100000");
        _holder = await Depositor.OfAsync(_server);
        _browser = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = _server.Address };
        _browser.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        (await _browser.PostAsync("/demo/sign-in/holder", null)).Dispose();
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    public void Dispose() => _browser.Dispose();

    [Fact]
    public async Task a_form_with_a_file_becomes_a_document_that_the_page_shows_escaped()
    {
        var answer = await SendAsync(await FormAsync(title: "<b>Avis</b> \u202e2025"));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        var page = await _browser.GetStringAsync(answer.Headers.Location);
        Assert.Contains("&lt;b&gt;Avis&lt;/b&gt; 2025", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>Avis", page, StringComparison.Ordinal);
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Fact]
    public async Task a_form_that_is_sent_twice_is_one_deposit()
    {
        var (token, once) = await FieldsAsync();
        var answers = new[] { await SendAsync(Form(token, once, "Avis", new byte[90_000])), await SendAsync(Form(token, once, "Avis", new byte[90_000])) };
        Assert.Single(answers.Select(answer => answer.Headers.Location).Distinct());
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Fact]
    public async Task a_form_without_its_token_first_is_refused_before_its_file_is_read()
    {
        var (token, once) = await FieldsAsync();
        foreach (var form in new[] { Form(null, once, "Avis", [1]), Form("made-up", once, "Avis", [1]), Form(token, once, "Avis", [1], tokenFirst: false) })
            Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(form)).StatusCode);
        await _holder.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task what_was_typed_is_kept_when_something_is_wrong()
    {
        var (token, once) = await FieldsAsync();
        var form = Form(token, once, "Mon avis", null);
        var answer = await SendAsync(form);
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Contains("value=\"Mon avis\"", page, StringComparison.Ordinal);
        Assert.Contains("data-errors", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task a_file_that_is_too_long_is_told_on_the_page()
    {
        var (token, once) = await FieldsAsync();
        var answer = await SendAsync(Form(token, once, "Avis", new byte[100_001]));
        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Contains("100 ko", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()).Replace('\u00a0', ' '), StringComparison.Ordinal);
        await _holder.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task a_form_whose_last_line_is_missing_becomes_no_document()
    {
        var (token, _) = await FieldsAsync();
        var body = $"--x\r\nContent-Disposition: form-data; name=\"__RequestVerificationToken\"\r\n\r\n{token}\r\n--x\r\nContent-Disposition: form-data; name=\"EvidenceType\"\r\n\r\ntax-notice"
            + "\r\n--x\r\nContent-Disposition: form-data; name=\"File\"; filename=\"a.pdf\"\r\n\r\nhalf of it";
        using var content = new ByteArrayContent(Encoding.UTF8.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(content)).StatusCode);
        await _holder.AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData("name=\"Title\"; filename*=utf-7''a")]
    [InlineData("name=\"=?utf-7?B?YQ==?=\"")]
    public async Task a_part_whose_name_can_not_be_read_is_a_bad_request_and_no_fault(string described)
    {
        var (token, _) = await FieldsAsync();
        var body = $"--x\r\nContent-Disposition: form-data; name=\"__RequestVerificationToken\"\r\n\r\n{token}\r\n--x\r\nContent-Disposition: form-data; {described}\r\n\r\na\r\n--x--\r\n";
        using var content = new ByteArrayContent(Encoding.ASCII.GetBytes(body));
        content.Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        Assert.Equal(HttpStatusCode.BadRequest, (await SendAsync(content)).StatusCode);
    }

    [Theory]
    [InlineData("EvidenceType")]
    [InlineData("Title")]
    [InlineData("Period")]
    [InlineData("Once")]
    public async Task a_field_with_a_nul_is_a_bad_request_and_no_fault(string field)
    {
        var (token, _) = await FieldsAsync();
        using var form = new MultipartFormDataContent { { new StringContent(token), "__RequestVerificationToken" } };
        form.Add(new StringContent(field == "EvidenceType" ? "tax-notice\0" : "tax-notice"), "EvidenceType");
        if (field != "EvidenceType") form.Add(new StringContent("2025\0"), field);
        form.Add(new ByteArrayContent([1]), "File", "avis.pdf");
        var answer = await SendAsync(form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
        Assert.Contains("forme attendue", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        await _holder.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task nobody_sees_the_pages_of_another_persons_document()
    {
        var id = await _holder.DepositAsync([1]);
        (await _browser.PostAsync("/demo/sign-in/holder2", null)).Dispose();
        foreach (var page in new[] { $"/documents/{id}", $"/documents/{id}/deposit", $"/documents/{id}/describe", $"/documents/{Guid.NewGuid()}" })
            Assert.Equal(HttpStatusCode.NotFound, (await _browser.GetAsync(page)).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await _browser.GetAsync("/status")).StatusCode);
    }

    [Fact]
    public async Task the_viewer_has_no_origin_and_can_fetch_its_own_files_only()
    {
        var answer = await _browser.GetAsync("/viewer");
        var policy = answer.Headers.GetValues("Content-Security-Policy").Single();
        Assert.StartsWith("sandbox allow-scripts;", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("allow-same-origin", policy, StringComparison.Ordinal);
        Assert.Contains($"connect-src {_server.Address}lib/pdfjs/;", policy, StringComparison.Ordinal);
        var library = await _browser.GetAsync("/lib/pdfjs/pdf.min.mjs");
        Assert.Equal("*", library.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.True(library.IsSuccessStatusCode);
        Assert.False((await _browser.GetAsync("/vault")).Headers.Contains("Access-Control-Allow-Origin"));
    }

    [Theory]
    [Trait("Requirement", "R-041")]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_signature_file_can_come_with_the_file_and_one_that_is_none_is_told_at_its_field(bool before)
    {
        using var beside = new DetachedScene(Path.Combine(_server.Data, "demo-issuers"));
        foreach (var (bytes, refused) in new[] { (beside.Sign(DetachedScene.Paper), false), (DetachedScene.Paper, true), (new byte[SignatureFile.Longest + 1], true) })
        {
            var (token, once) = await FieldsAsync();
            var form = Form(token, once, "Avis", before ? null : DetachedScene.Paper);
            form.Add(new ByteArrayContent(bytes), "Signature", "avis.p7s");
            if (before) form.Add(new ByteArrayContent(DetachedScene.Paper), "File", "avis.xml");
            var answer = await SendAsync(form);
            var page = WebUtility.HtmlDecode(await (refused ? answer : await _browser.GetAsync(answer.Headers.Location)).Content.ReadAsStringAsync()).Replace('\u00a0', ' ').Replace('\u202f', ' ');
            Assert.Equal(!refused ? HttpStatusCode.Redirect : bytes.Length > SignatureFile.Longest ? HttpStatusCode.RequestEntityTooLarge : HttpStatusCode.UnprocessableEntity, answer.StatusCode);
            Assert.Equal(refused, page.Contains("href=\"#Signature\"", StringComparison.Ordinal));
            Assert.Equal(!refused, page.Contains("Signature vérifiée : Centre des impôts", StringComparison.Ordinal));
            if (!refused) Assert.Contains("/versions/1/signature\"", page, StringComparison.Ordinal);
        }

        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Fact]
    [Trait("Requirement", "R-041")]
    public async Task a_form_that_is_sent_again_with_a_signature_that_did_not_come_at_first_does_not_lose_it_without_a_word()
    {
        using var beside = new DetachedScene(Path.Combine(_server.Data, "demo-issuers"));
        var (token, once) = await FieldsAsync();
        Assert.Equal(HttpStatusCode.Redirect, (await SendAsync(Form(token, once, "Avis", DetachedScene.Paper))).StatusCode);
        var form = Form(token, once, "Avis", DetachedScene.Paper);
        form.Add(new ByteArrayContent(beside.Sign(DetachedScene.Paper)), "Signature", "avis.p7s");
        var answer = await SendAsync(form);
        Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode);
        Assert.Contains("déposez une nouvelle version", WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()), StringComparison.Ordinal);
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    private Task<HttpResponseMessage> SendAsync(HttpContent form) => _browser.PostAsync("/vault/deposit?type=tax-notice", form);

    private async Task<MultipartFormDataContent> FormAsync(string title)
    {
        var (token, once) = await FieldsAsync();
        return Form(token, once, title, [1, 2, 3]);
    }

    private static MultipartFormDataContent Form(string? token, string once, string title, byte[]? file, bool tokenFirst = true)
    {
        var form = new MultipartFormDataContent();
        if (token is not null && tokenFirst) form.Add(new StringContent(token), "__RequestVerificationToken");
        form.Add(new StringContent(once), "Once");
        if (token is not null && !tokenFirst) form.Add(new StringContent(token), "__RequestVerificationToken");
        form.Add(new StringContent("tax-notice"), "EvidenceType");
        form.Add(new StringContent(title), "Title");
        if (file is not null) form.Add(new ByteArrayContent(file), "File", "avis.pdf");
        return form;
    }

    private async Task<(string Token, string Once)> FieldsAsync()
    {
        var page = await _browser.GetStringAsync("/vault/deposit?type=tax-notice");
        return (TokenField().Match(page).Groups[1].Value, OnceField().Match(page).Groups[1].Value);
    }

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex TokenField();

    [GeneratedRegex("name=\"Once\" value=\"([^\"]+)\"")]
    private static partial Regex OnceField();
}
