using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.IntegrationTests.Features.Documents;

/// <summary>What people, their devices and their networks really send: each gets a clear answer, and nothing half-written stays.</summary>
public sealed class BadDepositTests : IAsyncLifetime
{
    private const int Limit = 100_000;
    private CoffreFortServer _server = null!;
    private Depositor _holder = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false, null, "--Documents:MaximumLength", $"{Limit}");
        _holder = await Depositor.OfAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task a_document_that_is_too_long_is_refused_announced_or_not(bool chunked)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, _holder.Address) { Content = new ByteArrayContent(new byte[Limit + 1]) };
        request.Headers.TransferEncodingChunked = chunked;
        var answer = await _holder.Client.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
        Assert.Equal("too-large", await Depositor.CodeOf(answer));
        await _holder.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task what_announces_too_much_is_refused_before_a_byte_of_it_is_read()
    {
        var answer = await RawAsync($"Content-Length: {4L << 30}\r\n", "", close: false);
        Assert.StartsWith("HTTP/1.1 413", answer, StringComparison.Ordinal);
        await _holder.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task a_document_as_long_as_allowed_is_taken()
    {
        await _holder.DepositAsync(new byte[Limit]);
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Theory]
    [InlineData("Content-Length: 90000\r\n", "")]
    [InlineData("Transfer-Encoding: chunked\r\n", "8000\r\n")]
    [Trait("Requirement", "R-234")]
    public async Task an_upload_that_breaks_off_leaves_nothing(string framing, string start)
    {
        await RawAsync(framing, start + new string('x', 0x4000), close: true);
        await _holder.AssertNothingLeftAsync();
    }

    [Fact]
    public async Task an_empty_document_is_refused()
    {
        var answer = await _holder.Client.PostAsync(_holder.Address, new ByteArrayContent([]));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "empty-document"), (answer.StatusCode, await Depositor.CodeOf(answer)));
        await _holder.AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData("evidenceType=no-such-type", 422, "unknown-evidence-type")]
    [InlineData("evidenceType=", 422, "unknown-evidence-type")]
    [InlineData("", 400, "bad-request")]
    [InlineData("evidenceType=tax-notice&issuedOn=2026-05-02&expiresOn=2026-05-01", 422, "dates-reversed")]
    [InlineData("evidenceType=tax-notice&issuedOn=yesterday", 400, "bad-request")]
    [InlineData("evidenceType=tax-notice&period=2025-10", 422, "unreadable-period")]
    [InlineData("evidenceType=payslip&period=last%20month", 422, "unreadable-period")]
    [InlineData("evidenceType=bank-details&period=2025", 422, "no-period")]
    public async Task what_is_said_of_a_document_must_make_sense(string query, int status, string code)
    {
        var answer = await _holder.Client.PostAsync($"/api/v1/vaults/{_holder.Vault}/documents?{query}", new ByteArrayContent([1]));
        Assert.Equal((status, code), ((int)answer.StatusCode, await Depositor.CodeOf(answer)));
        await _holder.AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData("issuedOn=2026-05-02&expiresOn=2026-05-01", "dates-reversed")]
    [InlineData("period=2025-2026", "unreadable-period")]
    public async Task what_is_said_of_a_newer_version_must_make_sense_too(string query, string code)
    {
        var id = await _holder.DepositAsync([1]);
        var answer = await _holder.Client.PostAsync($"/api/v1/documents/{id}/versions?{query}", new ByteArrayContent([1]));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, code), (answer.StatusCode, await Depositor.CodeOf(answer)));
        Assert.Single(await _holder.EventsAsync());
        await _holder.AssertNothingLeftAsync(blobs: 1);
    }

    [Fact]
    public async Task a_period_is_kept_as_one_can_read_it()
    {
        var deposited = await _holder.Client.PostAsync($"{_holder.Address}&period=%202025%E2%80%AE%20", new ByteArrayContent([1]));
        var document = await deposited.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal("2025", (string?)document!["period"]);
        var versioned = await _holder.Client.PostAsync($"/api/v1/documents/{document["id"]}/versions?period=2026%E2%80%8B", new ByteArrayContent([1]));
        Assert.Equal("2026", (string?)(await versioned.Content.ReadFromJsonAsync<JsonObject>())!["period"]);
        var corrected = await _holder.Client.PatchAsync($"/api/v1/documents/{document["id"]}", JsonContent.Create(new { period = "\u200f2024" }));
        Assert.Equal("2024", (string?)(await corrected.Content.ReadFromJsonAsync<JsonObject>())!["period"]);
    }

    [Fact]
    public async Task nobody_deposits_into_a_vault_that_is_not_theirs_or_does_not_exist()
    {
        var stranger = await _server.AsAsync("holder2");
        foreach (var vault in new[] { _holder.Vault, Guid.NewGuid() })
        {
            var answer = await stranger.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=tax-notice&title=a", new ByteArrayContent([1]));
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        await _holder.AssertNothingLeftAsync();
    }

    [Theory]
    [InlineData("../../etc/passwd", "passwd")]
    [InlineData("..\\..\\boot.ini", "boot.ini")]
    [InlineData("a\r\nSet-Cookie: x=1.pdf", "aSet-Cookie x=1.pdf")]
    [InlineData("fac\u202eture\u0000fdp.exe", "facturefdp.exe")]
    [InlineData("<script>alert(1)</script>.pdf", "script.pdf")]
    [InlineData("\"; filename=evil.exe", "; filename=evil.exe")]
    [InlineData("...", "document")]
    [Trait("Requirement", "R-234")]
    public async Task a_hostile_file_name_comes_back_harmless(string name, string kept)
    {
        var answer = await _holder.Client.PostAsync($"{_holder.Address}&fileName={Uri.EscapeDataString(name)}", new ByteArrayContent([1]));
        var document = await answer.Content.ReadFromJsonAsync<JsonObject>();
        Assert.Equal(kept, (string?)document!["fileName"]);

        var content = await _holder.Client.GetAsync($"/api/v1/documents/{document["id"]}/versions/1/content");
        Assert.Equal(kept, content.Content.Headers.ContentDisposition!.FileNameStar ?? content.Content.Headers.ContentDisposition.FileName?.Trim('"'));
        Assert.Equal("attachment", content.Content.Headers.ContentDisposition.DispositionType);
        Assert.False(content.Headers.Contains("Set-Cookie"));
    }

    [Fact]
    public async Task a_file_name_of_four_kilobytes_is_shortened_and_a_title_of_them_is_refused()
    {
        var longName = new string('x', 4096) + ".pdf";
        var named = await _holder.Client.PostAsync($"{_holder.Address}&fileName={Uri.EscapeDataString(longName)}", new ByteArrayContent([1]));
        var document = (await named.Content.ReadFromJsonAsync<JsonObject>())!;
        var kept = (string)document["fileName"]!;
        Assert.InRange(kept.Length, 100, FileNames.MaximumLength);
        Assert.EndsWith("….pdf", kept, StringComparison.Ordinal);

        var titled = await _holder.Client.PostAsync(
            $"/api/v1/vaults/{_holder.Vault}/documents?evidenceType=tax-notice&title={new string('x', 4096)}", new ByteArrayContent([1]));
        Assert.Equal("title-too-long", await Depositor.CodeOf(titled));
        var retitled = await _holder.Client.PatchAsync($"/api/v1/documents/{document["id"]}", JsonContent.Create(new { title = new string('x', 201) }));
        Assert.Equal("title-too-long", await Depositor.CodeOf(retitled));
    }

    [Fact]
    public async Task twenty_identical_submissions_at_once_are_one_deposit()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 20).Select(async _ =>
        {
            using var request = new HttpRequestMessage(HttpMethod.Post, _holder.Address) { Content = new ByteArrayContent([1, 2, 3]), Headers = { { "Idempotency-Key", "once" } } };
            var answer = await _holder.Client.SendAsync(request);
            Assert.Equal(HttpStatusCode.Created, answer.StatusCode);
            return (string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        }));

        Assert.Single(answers.Distinct());
        Assert.Single(await _holder.EventsAsync());
    }

    [Theory]
    [InlineData("{", "malformed-json", 400)]
    [InlineData("{\"title\": 5}", "malformed-json", 400)]
    [InlineData("{\"issuedOn\": \"never\"}", "malformed-json", 400)]
    [InlineData("{\"issuedOn\": \"2026-05-02\", \"expiresOn\": \"2026-05-01\"}", "dates-reversed", 422)]
    [InlineData("{\"period\": \"twenty twenty-five\"}", "unreadable-period", 422)]
    public async Task a_correction_that_cannot_be_read_or_makes_no_sense_changes_nothing(string json, string code, int status)
    {
        var id = await _holder.DepositAsync([1]);
        var answer = await _holder.Client.PatchAsync($"/api/v1/documents/{id}", new StringContent(json, Encoding.UTF8, "application/json"));
        Assert.Equal((status, code), ((int)answer.StatusCode, await Depositor.CodeOf(answer)));
        Assert.Single(await _holder.EventsAsync());
    }

    [Fact]
    public async Task a_correction_of_something_that_has_changed_names_the_version_it_has_now()
    {
        var id = await _holder.DepositAsync([1]);
        async Task<HttpResponseMessage> CorrectAsync(string version)
        {
            using var request = new HttpRequestMessage(HttpMethod.Patch, $"/api/v1/documents/{id}") { Content = JsonContent.Create(new { title = "Autre" }) };
            request.Headers.TryAddWithoutValidation("If-Match", version);
            return await _holder.Client.SendAsync(request);
        }

        Assert.Equal(HttpStatusCode.OK, (await CorrectAsync("\"1\"")).StatusCode);
        var late = await CorrectAsync("\"1\"");
        Assert.Equal(HttpStatusCode.PreconditionFailed, late.StatusCode);
        Assert.Contains('2', (string)(await late.Content.ReadFromJsonAsync<JsonObject>())!["detail"]!);
        Assert.Equal(HttpStatusCode.PreconditionFailed, (await CorrectAsync("nonsense")).StatusCode);
    }

    private async Task<string> RawAsync(string framing, string body, bool close)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_server.Address.Host, _server.Address.Port);
        var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST {_holder.Address} HTTP/1.1\r\nHost: {_server.Address.Authority}\r\nAuthorization: {_holder.Client.DefaultRequestHeaders.Authorization}\r\n{framing}\r\n{body}"));
        if (close) socket.Client.Shutdown(SocketShutdown.Send);
        var buffer = new byte[4096];
        try
        {
            return Encoding.ASCII.GetString(buffer, 0, await stream.ReadAsync(buffer));
        }
        catch (IOException reset) when (close && reset.InnerException is SocketException { SocketErrorCode: SocketError.ConnectionReset })
        {
            // A server that closes before it has read all that came resets the connection: then nobody hears its answer, which one who broke off doesn't wait for.
            return "";
        }
    }
}
