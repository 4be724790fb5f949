using System.Net;

namespace CoffreFort.IntegrationTests.Web;

public sealed class BrowserSafetyTests(ShellApplication shell) : IClassFixture<ShellApplication>
{
    private static readonly Uri Act = new("/api/v1/shell/act", UriKind.Relative);

    [Theory]
    [InlineData("cross-site", null)]
    [InlineData("same-site", null)]
    [InlineData(null, "https://evil.example")]
    [InlineData(null, "null")]
    [InlineData("same-origin", "https://evil.example")]
    [InlineData(null, "http://127.0.0.1:1")]
    [Trait("Requirement", "R-223")]
    public async Task another_site_cannot_act_with_this_browsers_cookie(string? fetchSite, string? origin)
    {
        using var client = await shell.SignedInByCookie("holder");
        var problem = await SignInTests.AssertProblem(await Send(client, fetchSite, origin), 403, "cross-site-request");
        Assert.DoesNotContain("done", problem.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("same-origin", true)]
    [InlineData("none", false)]
    [InlineData(null, true)]
    [InlineData(null, false)]
    public async Task this_site_can(string? fetchSite, bool withOrigin)
    {
        using var client = await shell.SignedInByCookie("holder");
        using var answer = await Send(client, fetchSite, withOrigin ? shell.Address.GetLeftPart(UriPartial.Authority) : null);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    public async Task a_token_is_exempt_since_no_browser_sends_it_unasked()
    {
        using var client = await shell.SignedInByToken("holder");
        using var answer = await Send(client, "cross-site", "https://partner.example");
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-223")]
    public async Task a_page_form_without_its_antiforgery_token_is_refused()
    {
        using var client = await shell.SignedInByCookie("holder");
        using var form = new FormUrlEncodedContent([new("Reason", "x")]);
        using var answer = await client.PostAsync(new Uri("/demo/components", UriKind.Relative), form);
        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Theory]
    [InlineData("/")]
    [InlineData("/demo")]
    [InlineData("/css/theme.css")]
    [InlineData("/nowhere")]
    [InlineData("/shell/fault")]
    [InlineData("/api/v1/nowhere")]
    [InlineData("/api/v1/shell/fault")]
    public async Task security_headers_are_on_every_answer(string path)
    {
        using var client = shell.Client();
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        var policy = Assert.Single(answer.Headers.GetValues("Content-Security-Policy"));
        Assert.Contains("default-src 'self'", policy, StringComparison.Ordinal);
        Assert.DoesNotContain("unsafe", policy, StringComparison.Ordinal);
        Assert.Equal("nosniff", Assert.Single(answer.Headers.GetValues("X-Content-Type-Options")));
        Assert.All(new[] { "Referrer-Policy", "Permissions-Policy", "Cross-Origin-Opener-Policy" }, name => Assert.True(answer.Headers.Contains(name), name));
        Assert.False(answer.Headers.Contains("Server"));
    }

    [Fact]
    public async Task no_page_has_a_script_or_a_style_of_its_own_inside()
    {
        using var client = shell.Client();
        foreach (var path in new[] { "/", "/demo", "/demo/components", "/nowhere" })
        {
            using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
            var page = await answer.Content.ReadAsStringAsync();
            Assert.DoesNotMatch("<style|style=\"|<script(?! src)| on[a-z]+=\"", page);
        }
    }

    [Theory]
    [InlineData("/nowhere", 404, "Page introuvable")]
    [InlineData("/shell/fault", 500, "Erreur du service")]
    [InlineData("/shell/unavailable", 503, "Service momentanément indisponible")]
    public async Task a_person_meets_an_error_page_that_says_what_was_kept_and_what_to_do(string path, int status, string title)
    {
        using var client = shell.Client();
        client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
        using var answer = await client.GetAsync(new Uri(path, UriKind.Relative));
        var page = await answer.Content.ReadAsStringAsync();
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.All(new[] { $"<h1>{title}</h1>", "Ce qui est gardé", "Ce que vous pouvez faire" }, text => Assert.Contains(text, page, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", page, StringComparison.Ordinal);
    }

    [Fact]
    public async Task the_language_switch_stays_and_leads_back()
    {
        using var client = shell.Client();
        using var answer = await client.PostAsync(new Uri("/language/en?returnUrl=%2Fdemo", UriKind.Relative), null);
        Assert.Equal("/demo", answer.Headers.Location!.OriginalString);
        var page = await client.GetStringAsync(new Uri("/demo", UriKind.Relative));
        Assert.Contains("<html lang=\"en\">", page, StringComparison.Ordinal);
        Assert.Contains("<h1>Try CoffreFort</h1>", page, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("//evil.example")]
    [InlineData("https://evil.example")]
    [InlineData("/\\evil.example")]
    public async Task the_language_switch_never_leads_away_from_this_site(string asked)
    {
        using var client = shell.Client();
        using var answer = await client.PostAsync(new Uri("/language/en?returnUrl=" + Uri.EscapeDataString(asked), UriKind.Relative), null);
        Assert.Equal("/", answer.Headers.Location!.OriginalString);
    }

    private static async Task<HttpResponseMessage> Send(HttpClient client, string? fetchSite, string? origin)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, Act);
        if (fetchSite is not null)
            request.Headers.Add("Sec-Fetch-Site", fetchSite);
        if (origin is not null)
            request.Headers.TryAddWithoutValidation("Origin", origin);
        return await client.SendAsync(request);
    }
}
