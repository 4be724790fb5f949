using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using CoffreFort.Server.Demo;

namespace CoffreFort.IntegrationTests.Web;

public sealed class SignInTests(ShellApplication shell) : IClassFixture<ShellApplication>, IDisposable
{
    private static readonly Uri Me = new("/api/v1/shell/me", UriKind.Relative);
    private static readonly Uri AuditorOnly = new("/api/v1/shell/auditor", UriKind.Relative);

    public void Dispose() => shell.Clock.Ahead = TimeSpan.Zero;

    [Fact]
    public async Task a_cookie_signs_a_browser_in_and_sends_it_to_where_it_starts()
    {
        using var client = shell.Client();
        using var answer = await client.PostAsync(new Uri("/demo/sign-in/holder", UriKind.Relative), null);
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.Equal("/vault", answer.Headers.Location!.ToString());
        var cookie = Assert.Single(answer.Headers.GetValues("Set-Cookie"));
        Assert.Contains("httponly", cookie, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("samesite=lax", cookie, StringComparison.OrdinalIgnoreCase);
        var person = await client.GetFromJsonAsync<JsonElement>(Me);
        Assert.Equal(Personas.Holder.Id, person.GetProperty("id").GetGuid());
        Assert.Equal("holder", person.GetProperty("kinds")[0].GetString());
    }

    [Fact]
    public async Task a_token_signs_a_program_in_for_an_hour_and_no_longer()
    {
        using var client = await shell.SignedInByToken("auditor");
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(AuditorOnly)).StatusCode);
        shell.Clock.Ahead = TimeSpan.FromMinutes(59);
        Assert.Equal(HttpStatusCode.OK, (await client.GetAsync(AuditorOnly)).StatusCode);
        shell.Clock.Ahead = TimeSpan.FromMinutes(61);
        await AssertProblem(await client.GetAsync(AuditorOnly), 401, "not-signed-in");
    }

    [Fact]
    public async Task an_idle_cookie_ends_after_half_an_hour()
    {
        using var client = await shell.SignedInByCookie("holder");
        shell.Clock.Ahead = TimeSpan.FromMinutes(31);
        await AssertProblem(await client.GetAsync(Me), 401, "not-signed-in");
    }

    [Theory]
    [InlineData("Bearer")]
    [InlineData("Bearer ")]
    [InlineData("Bearer x")]
    [InlineData("Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.")]
    [InlineData("Basic aG9sZGVyOmhvbGRlcg==")]
    [Trait("Requirement", "R-103")]
    public async Task a_garbage_credential_is_nobody(string credential)
    {
        using var client = shell.Client();
        client.DefaultRequestHeaders.TryAddWithoutValidation("Authorization", credential);
        using var answer = await client.GetAsync(Me);
        await AssertProblem(answer, 401, "not-signed-in");
        Assert.Equal("Bearer", answer.Headers.WwwAuthenticate.ToString());
    }

    [Fact]
    public async Task one_bit_of_a_token_changed_is_nobody()
    {
        using var client = await shell.SignedInByToken("holder");
        var token = client.DefaultRequestHeaders.Authorization!.Parameter!.ToCharArray();
        token[token.Length / 2] = token[token.Length / 2] == 'A' ? 'B' : 'A';
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", new string(token));
        await AssertProblem(await client.GetAsync(Me), 401, "not-signed-in");
    }

    [Fact]
    public async Task a_bad_token_does_not_fall_back_to_a_good_cookie()
    {
        using var client = await shell.SignedInByCookie("holder");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", "garbage");
        await AssertProblem(await client.GetAsync(Me), 401, "not-signed-in");
    }

    [Fact]
    public async Task another_kind_of_person_is_refused()
    {
        using var client = await shell.SignedInByToken("operator");
        await AssertProblem(await client.GetAsync(AuditorOnly), 403, "forbidden");
    }

    [Fact]
    public async Task signing_out_ends_it()
    {
        using var client = await shell.SignedInByCookie("holder");
        using var _ = await client.PostAsync(new Uri("/sign-out", UriKind.Relative), null);
        await AssertProblem(await client.GetAsync(Me), 401, "not-signed-in");
    }

    [Fact]
    public async Task a_page_sends_a_stranger_to_sign_in_and_keeps_the_way_back()
    {
        using var client = shell.Client();
        using var answer = await client.GetAsync(new Uri("/shell/page?x=1", UriKind.Relative));
        Assert.Equal(HttpStatusCode.Redirect, answer.StatusCode);
        Assert.EndsWith("/sign-in?returnUrl=%2Fshell%2Fpage%3Fx%3D1", answer.Headers.Location!.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("/requests?x=1", "/requests?x=1")]
    [InlineData("//evil.example", "/vault")]
    [InlineData("/\\evil.example", "/vault")]
    [InlineData("/\t/evil.example", "/vault")]
    [InlineData("https://evil.example", "/vault")]
    [InlineData("javascript:alert(1)", "/vault")]
    [InlineData("evil.example", "/vault")]
    [InlineData("~/evil", "/vault")]
    [InlineData("", "/vault")]
    public async Task signing_in_never_leads_away_from_this_site(string asked, string expected)
    {
        using var client = shell.Client();
        using var answer = await client.PostAsync(new Uri("/demo/sign-in/holder?returnUrl=" + Uri.EscapeDataString(asked), UriKind.Relative), null);
        Assert.Equal(expected, answer.Headers.Location!.OriginalString);
    }

    [Fact]
    public async Task an_unknown_person_of_the_demo_is_not_found()
    {
        using var client = shell.Client();
        client.DefaultRequestHeaders.Accept.ParseAdd("application/json");
        await AssertProblem(await client.PostAsync(new Uri("/demo/sign-in/root", UriKind.Relative), null), 404, "not-found");
    }

    [Fact]
    public async Task a_foreign_name_does_not_reach_the_demo()
    {
        using var client = shell.Client();
        client.DefaultRequestHeaders.Host = "rebound.example";
        using var answer = await client.GetAsync(new Uri("/demo/personas", UriKind.Relative));
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task the_people_of_the_demo_are_listed_for_programs()
    {
        using var client = shell.Client();
        var list = await client.GetFromJsonAsync<JsonElement>(new Uri("/demo/personas", UriKind.Relative));
        Assert.Equal(Personas.All.Select(persona => persona.Key), list.GetProperty("items").EnumerateArray().Select(item => item.GetProperty("persona").GetString()));
    }

    internal static async Task<JsonElement> AssertProblem(HttpResponseMessage answer, int status, string code)
    {
        using (answer)
        {
            Assert.Equal(status, (int)answer.StatusCode);
            Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
            var problem = await answer.Content.ReadFromJsonAsync<JsonElement>();
            Assert.Equal(code, problem.GetProperty("code").GetString());
            Assert.Equal("https://coffrefort.example/problems/" + code, problem.GetProperty("type").GetString());
            Assert.Equal(status, problem.GetProperty("status").GetInt32());
            Assert.All(new[] { "title", "detail", "traceId" }, name => Assert.NotEqual("", problem.GetProperty(name).GetString()));
            return problem;
        }
    }
}
