using System.Net;
using System.Net.Http.Json;
using System.Net.Sockets;
using System.Text;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoffreFort.IntegrationTests.Features;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>What no well-meaning client sends: each gets an answer that says what is wrong with it, and none of it is our fault.</summary>
public sealed partial class HostileInputTests(HostileInputTests.Running running) : IClassFixture<HostileInputTests.Running>
{
    private readonly CoffreFortServer _server = running.Server;

    [Fact]
    public async Task a_nul_in_any_text_a_null_in_any_list_and_a_member_too_many_of_the_published_api_is_told_with_its_place()
    {
        using var anonymous = _server.Anonymous();
        var document = (await anonymous.GetFromJsonAsync<JsonObject>("/openapi/v1.json"))!;
        var hostile = new HostileJson(document);
        var clients = new List<HttpClient>();
        foreach (var persona in new[] { "holder", "clerk-caf", "personnel", "auditor", "operator" }) clients.Add(await _server.AsAsync(persona));
        var (tried, wrong) = (0, new List<string>());
        foreach (var (route, schema) in Bodies(document))
        {
            wrong.AddRange(hostile.Untyped(schema).Select(place => $"{route}: {place} has no type in the published API"));
            foreach (var (place, body) in hostile.Of(schema).Concat(hostile.WithOneMore(schema)))
            {
                tried++;
                var answers = new List<string>();
                foreach (var client in clients) answers.Add(await AnswerAsync(client, route, body));
                if (answers.Any(answer => answer.StartsWith('5')) || !answers.Contains($"400 malformed-json {place}"))
                    wrong.Add($"{route} {place}: {string.Join(", ", answers.Distinct())}");
            }
        }

        Assert.True(tried > 50, $"Only {tried} places were found in the published API.");
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    [Theory]
    [InlineData("POST", "/api/v1/consents", """{"grantee":"00000000-0000-0000-0000-000000000001","procedure":"x","pieces":[null]}""", "$.pieces")]
    [InlineData("POST", "/api/v1/consents", """{"grantee":"00000000-0000-0000-0000-000000000001","procedure":"x","evidenceTypes":["a",null]}""", "$.evidenceTypes")]
    [InlineData("POST", "/api/v1/access-requests/00000000-0000-0000-0000-000000000001/approve", """{"pieces":[null]}""", "$.pieces")]
    [InlineData("POST", "/api/v1/mutations/00000000-0000-0000-0000-000000000001/accept", """{"procedures":[{"procedure":"a\u0000b"}]}""", "$.procedures[0].procedure")]
    public async Task the_member_that_is_at_fault_is_named(string method, string path, string body, string place)
    {
        using var holder = await _server.AsAsync("holder");
        Assert.Equal($"400 malformed-json {place}", await AnswerAsync(holder, $"{method} {path}", body));
    }

    [Fact]
    public async Task an_address_of_nine_kilobytes_is_too_long_and_told_so()
    {
        using var holder = await _server.AsAsync("holder");
        await SignInTests.AssertProblem(await holder.GetAsync("/api/v1/agencies?kind=" + new string('x', 9000)), 414, "uri-too-long");
        using var browser = await PageBrowser.AsAsync(_server, "holder");
        var (status, text) = await browser.GetAsync("/vault?situation=" + new string('x', 9000));
        Assert.Equal(HttpStatusCode.RequestUriTooLong, status);
        Assert.Contains("trop longue", text, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("application/json; charset=utf-7", 415)]
    [InlineData("application/json; charset=nonsense", 415)]
    [InlineData("application/json; charset=utf-16", 415)]
    [InlineData("application/json; charset=\"UTF-8\"", 422)]
    [InlineData("application/problem+json", 422)]
    public async Task json_is_taken_in_utf_8_alone(string type, int status)
    {
        using var auditor = await _server.AsAsync("auditor");
        using var content = new ByteArrayContent("""{"reason":" "}"""u8.ToArray());
        content.Headers.TryAddWithoutValidation("Content-Type", type);
        Assert.Equal(status, (int)(await auditor.PostAsync("/api/v1/audits", content)).StatusCode);
    }

    [Theory]
    [InlineData("/shares/00000000-0000-0000-0000-000000000001")]
    [InlineData("/documents/00000000-0000-0000-0000-000000000001")]
    [InlineData("/requests/00000000-0000-0000-0000-000000000001")]
    [InlineData("/api/v1/vaults")]
    [InlineData("/")]
    public async Task nothing_is_traced(string path)
    {
        using var holder = await _server.AsAsync("holder");
        using var request = new HttpRequestMessage(HttpMethod.Trace, path);
        Assert.Equal(HttpStatusCode.MethodNotAllowed, (await holder.SendAsync(request)).StatusCode);
    }

    [Fact]
    public async Task an_idempotency_key_that_is_no_key_is_told_so()
    {
        using var holder = await _server.AsAsync("holder");
        var answer = await RawAsync($"POST /api/v1/vaults HTTP/1.1\r\nHost: {_server.Address.Authority}\r\nAuthorization: {holder.DefaultRequestHeaders.Authorization}\r\nContent-Length: 0\r\nIdempotency-Key: cl\u00e9\r\nConnection: close\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Contains("\"code\":\"idempotency-key-malformed\"", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/api/v1/vaults")]
    [InlineData("/api/v1/documents/00000000-0000-0000-0000-000000000001/versions")]
    [InlineData("/demo/sign-in/holder")]
    public async Task an_address_that_takes_no_get_says_what_it_takes(string path)
    {
        using var holder = await _server.AsAsync("holder");
        using var answer = await holder.GetAsync(path);
        Assert.Equal((HttpStatusCode.MethodNotAllowed, "POST"), (answer.StatusCode, Assert.Single(answer.Content.Headers.Allow)));
    }

    [Theory]
    [InlineData("escaped")]
    [InlineData("raw")]
    [InlineData("parts")]
    public async Task a_form_with_a_nul_is_a_bad_request_and_no_fault(string written)
    {
        using var browser = await PageBrowser.AsAsync(_server, "auditor");
        var (status, text) = await browser.SendBodyAsync("/audits", token => written switch
        {
            "escaped" => new StringContent($"__RequestVerificationToken={token}&Reason=a%00b", Encoding.UTF8, "application/x-www-form-urlencoded"),
            "raw" => new StringContent($"__RequestVerificationToken={token}&Reason=a\0b", Encoding.UTF8, "application/x-www-form-urlencoded"),
            _ => new MultipartFormDataContent { { new StringContent(token), "__RequestVerificationToken" }, { new StringContent("a\0b"), "Reason" } },
        });
        Assert.Equal(HttpStatusCode.BadRequest, status);
        Assert.Contains("forme attendue", text, StringComparison.Ordinal);
    }

    private static IEnumerable<(string Route, JsonObject Schema)> Bodies(JsonObject document) =>
        from path in document["paths"]!.AsObject()
        from operation in path.Value!.AsObject()
        where operation.Key is "post" or "patch" or "put"
        let schema = operation.Value!["requestBody"]?["content"]?["application/json"]?["schema"]
        where schema is not null
        select ($"{operation.Key.ToUpperInvariant()} {Parameter().Replace(path.Key, Guid.NewGuid().ToString())}", schema.AsObject());

    /// <summary>Status, code, and for JSON that can't be read the place.</summary>
    private static async Task<string> AnswerAsync(HttpClient client, string route, string body)
    {
        using var request = new HttpRequestMessage(new HttpMethod(route.Split(' ')[0]), route.Split(' ')[1]) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        using var answer = await client.SendAsync(request);
        if (answer.IsSuccessStatusCode) return $"{(int)answer.StatusCode}";
        var problem = await answer.Content.ReadFromJsonAsync<JsonObject>();
        var code = (string?)problem!["code"];
        var place = code == "malformed-json" ? Place().Match((string)problem["detail"]!).Value.TrimEnd('.') : "";
        return $"{(int)answer.StatusCode} {code} {place}".TrimEnd();
    }

    private async Task<string> RawAsync(string request)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(_server.Address.Host, _server.Address.Port);
        await socket.GetStream().WriteAsync(Encoding.Latin1.GetBytes(request));
        using var answer = new StreamReader(socket.GetStream(), Encoding.UTF8);
        return await answer.ReadToEndAsync();
    }

    [GeneratedRegex(@"\{[^}]+\}")]
    private static partial Regex Parameter();

    [GeneratedRegex(@"\$\S*")]
    private static partial Regex Place();

    /// <summary>One server for all of it: nothing that is sent here gets in.</summary>
    public sealed class Running : IAsyncLifetime
    {
        public CoffreFortServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await CoffreFortServer.StartAsync(seeded: false);

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
