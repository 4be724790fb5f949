using System.Net;
using System.Net.Sockets;
using System.Text;

namespace CoffreFort.IntegrationTests.Web;

public sealed class ProblemTests(ShellApplication shell) : IClassFixture<ShellApplication>
{
    private static readonly Uri Sum = new("/api/v1/shell/sum", UriKind.Relative);

    [Theory]
    [InlineData("""{"left": 1, "inner": {"right": "x"}}""", "$.inner.right")]
    [InlineData("""{"left": 1, "inner": {"right": """, "$.inner.right")]
    [InlineData("""{"left": 1, "left": 2, "inner": {"right": 1}}""", "$.left")]
    [InlineData("""{"inner": {"right": 1}}""", "$")]
    [InlineData("""{"left": 1, "inner": null}""", "$.inner")]
    [InlineData("not json", "$")]
    public async Task malformed_json_is_told_with_its_place(string body, string path)
    {
        var problem = await SignInTests.AssertProblem(await Post(Sum, body), 400, "malformed-json");
        Assert.Contains(path, problem.GetProperty("detail").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task good_json_is_taken()
    {
        using var answer = await Post(Sum, """{"left": 1, "inner": {"right": 2}}""");
        Assert.Equal("3", await answer.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task json_over_64_kib_is_too_large()
    {
        using var atLimit = await Post(Sum, """{"left": 1, "inner": {"right": 2}}""".PadRight(64 * 1024));
        Assert.Equal(HttpStatusCode.OK, atLimit.StatusCode);
        await SignInTests.AssertProblem(await Post(Sum, """{"left": 1, "inner": {"right": 2}}""".PadRight((64 * 1024) + 1)), 413, "too-large");
    }

    [Fact]
    public async Task no_body_where_one_is_needed_is_a_bad_request()
    {
        using var client = await shell.SignedInByToken("holder");
        using var content = new StringContent("", Encoding.UTF8, "application/json");
        await SignInTests.AssertProblem(await client.PostAsync(Sum, content), 400, "bad-request");
    }

    [Theory]
    [InlineData("GET", "/api/v1/nowhere", 404, "not-found")]
    [InlineData("GET", "/api/v2", 404, "not-found")]
    [InlineData("GET", "/log/nowhere", 404, "not-found")]
    [InlineData("PUT", "/api/v1/shell/sum", 405, "method-not-allowed")]
    [InlineData("GET", "/api/v1/shell/fault", 500, "fault")]
    [InlineData("GET", "/api/v1/shell/cryptographic", 500, "cryptographic-failure")]
    [InlineData("GET", "/api/v1/shell/unavailable", 503, "unavailable")]
    [InlineData("GET", "/api/v1/shell/me", 401, "not-signed-in")]
    [Trait("Requirement", "R-221")]
    public async Task every_failure_under_the_api_is_a_problem_that_tells_no_inner_detail(string method, string path, int status, string code)
    {
        using var client = shell.Client();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        var problem = await SignInTests.AssertProblem(await client.SendAsync(request), status, code);
        Assert.DoesNotContain("secret", problem.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task another_content_type_is_unsupported()
    {
        using var client = await shell.SignedInByToken("holder");
        using var content = new StringContent("left=1", Encoding.UTF8, "text/plain");
        await SignInTests.AssertProblem(await client.PostAsync(Sum, content), 415, "unsupported-media-type");
    }

    [Fact]
    public async Task an_unavailable_part_says_when_to_come_back()
    {
        using var client = shell.Client();
        using var answer = await client.GetAsync(new Uri("/api/v1/shell/unavailable", UriKind.Relative));
        Assert.Equal(TimeSpan.FromSeconds(7), answer.Headers.RetryAfter!.Delta);
    }

    [Fact]
    public async Task a_refusal_carries_its_code_and_its_rule()
    {
        using var client = shell.Client();
        var problem = await SignInTests.AssertProblem(await client.GetAsync(new Uri("/api/v1/shell/refusal", UriKind.Relative)), 409, "consent-expired");
        Assert.Equal("CPCE L.103", problem.GetProperty("rule").GetString());
    }

    [Theory]
    [InlineData("en", "The request does not have the expected form.")]
    [InlineData("fr", "La demande n’a pas la forme attendue.")]
    [InlineData("de", "La demande n’a pas la forme attendue.")]
    public async Task a_problem_speaks_the_readers_language(string language, string detail)
    {
        using var client = await shell.SignedInByToken("holder");
        client.DefaultRequestHeaders.AcceptLanguage.ParseAdd(language);
        using var content = new StringContent("", Encoding.UTF8, "application/json");
        var problem = await SignInTests.AssertProblem(await client.PostAsync(Sum, content), 400, "bad-request");
        Assert.Equal(detail, problem.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task a_body_cut_off_by_the_client_leaves_the_server_well()
    {
        using var client = await shell.SignedInByToken("holder");
        using (var socket = new TcpClient())
        {
            await socket.ConnectAsync(shell.Address.Host, shell.Address.Port);
            var head = $"POST {Sum} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {client.DefaultRequestHeaders.Authorization}\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{{\"left\":";
            await socket.GetStream().WriteAsync(Encoding.ASCII.GetBytes(head));
        }
        using var after = await Post(Sum, """{"left": 1, "inner": {"right": 2}}""");
        Assert.Equal(HttpStatusCode.OK, after.StatusCode);
    }

    private async Task<HttpResponseMessage> Post(Uri address, string body)
    {
        using var client = await shell.SignedInByToken("holder");
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        return await client.PostAsync(address, content);
    }
}
