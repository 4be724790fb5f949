using System.Net;
using System.Text.RegularExpressions;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>A browser without scripts: it keeps cookies, and sends forms with the token of the page they stand on.</summary>
internal sealed partial class PageBrowser : IDisposable
{
    private readonly HttpClient _client;

    private PageBrowser(CoffreFortServer server)
    {
        _client = new HttpClient(new SocketsHttpHandler { AllowAutoRedirect = false }) { BaseAddress = server.Address };
        _client.DefaultRequestHeaders.Accept.ParseAdd("text/html");
    }

    public static async Task<PageBrowser> AsAsync(CoffreFortServer server, string persona)
    {
        var browser = new PageBrowser(server);
        (await browser._client.PostAsync($"/demo/sign-in/{persona}", null)).Dispose();
        return browser;
    }

    public async Task<(HttpStatusCode Status, string Text)> GetAsync(string path) => await ReadAsync(await _client.GetAsync(path));

    /// <param name="page">Where the form stands, and where it is sent to.</param>
    /// <param name="handler">Which of the page's forms; empty for its only one.</param>
    /// <param name="fields">As typed; a name may occur more than once.</param>
    public Task<(HttpStatusCode Status, string Text)> SendAsync(string page, string handler, params (string Name, string Value)[] fields) =>
        SendFromAsync(page, page, handler, fields);

    /// <summary>The same with the token of another page.</summary>
    public async Task<(HttpStatusCode Status, string Text)> SendFromAsync(string from, string page, string handler, params (string Name, string Value)[] fields)
    {
        var token = Token().Match((await GetAsync(from)).Text).Groups[1].Value;
        var form = new FormUrlEncodedContent([new("__RequestVerificationToken", token), .. fields.Select(field => KeyValuePair.Create(field.Name, field.Value))]);
        return await ReadAsync(await _client.PostAsync(handler.Length == 0 ? page : $"{page}?handler={handler}", form));
    }

    /// <summary>A form as no browser writes it, with the page's token.</summary>
    public async Task<(HttpStatusCode Status, string Text)> SendBodyAsync(string page, Func<string, HttpContent> form)
    {
        using var body = form(Token().Match((await GetAsync(page)).Text).Groups[1].Value);
        return await ReadAsync(await _client.PostAsync(page, body));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>The text as a person reads it.</summary>
    private static async Task<(HttpStatusCode Status, string Text)> ReadAsync(HttpResponseMessage answer) =>
        (answer.StatusCode, WebUtility.HtmlDecode(await answer.Content.ReadAsStringAsync()).Replace('\u00a0', ' ').Replace('\u202f', ' ').Replace('’', '\''));

    [GeneratedRegex("name=\"__RequestVerificationToken\" type=\"hidden\" value=\"([^\"]+)\"")]
    private static partial Regex Token();
}
