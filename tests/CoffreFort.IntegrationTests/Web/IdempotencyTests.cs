using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>One key, one request: the same again gives the first answer, another under the same key is refused.</summary>
public sealed class IdempotencyTests(IdempotencyTests.Running running) : IClassFixture<IdempotencyTests.Running>
{
    private readonly CoffreFortServer _server = running.Server;

    [Fact]
    [Trait("Requirement", "R-203")]
    public async Task another_body_under_the_same_key_is_refused_and_the_same_body_is_answered_as_before()
    {
        using var keeper = await _server.AsAsync("operator");
        var (first, id) = await RegisterAsync(keeper, "body", "Mairie de Lorient");
        Assert.Equal(HttpStatusCode.Created, first);
        var size = (await _server.Journal.HeadAsync()).Size;
        Assert.Equal((HttpStatusCode.Created, id), await RegisterAsync(keeper, "body", "Mairie de Lorient"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), await RegisterAsync(keeper, "body", "Mairie de Vannes"));
        Assert.Equal(size, (await _server.Journal.HeadAsync()).Size);
        Assert.Equal(HttpStatusCode.Created, (await RegisterAsync(keeper, "another", "Mairie de Vannes")).Status);
    }

    [Fact]
    [Trait("Requirement", "R-203")]
    public async Task of_two_requests_that_race_under_one_key_one_is_done_and_the_other_is_told()
    {
        using var keeper = await _server.AsAsync("operator");
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(number => RegisterAsync(keeper, "race", $"Mairie {number % 2}")));
        var done = answers.Where(answer => answer.Status == HttpStatusCode.Created).ToList();
        Assert.Single(done.Select(answer => answer.Said).Distinct());
        Assert.All(answers.Except(done), answer => Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), answer));
        Assert.Equal(5, done.Count);
    }

    [Fact]
    [Trait("Requirement", "R-203")]
    public async Task an_upload_is_told_by_what_announces_it()
    {
        using var holder = await _server.AsAsync("holder");
        var opened = await SendAsync(holder, "open", "/api/v1/vaults", null);
        // Opening is the same act under any key.
        Assert.Equal(opened.Said, (await SendAsync(holder, "open again", "/api/v1/vaults", null)).Said);
        var address = $"/api/v1/vaults/{opened.Said}/documents?evidenceType=tax-notice&title=";
        // A document may be JSON too, and is not read before it is sealed.
        var first = await SendAsync(holder, "upload", address + "Avis", "{\"of\":1}");
        Assert.Equal(HttpStatusCode.Created, first.Status);
        Assert.Equal(first, await SendAsync(holder, "upload", address + "Avis", "{\"of\":1}"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), await SendAsync(holder, "upload", address + "Revenus", "{\"of\":1}"));
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "idempotency-key-reused"), await SendAsync(holder, "upload", address + "Avis", "{\"of\":100}"));
    }

    private static Task<(HttpStatusCode Status, string? Said)> RegisterAsync(HttpClient client, string key, string name) =>
        SendAsync(client, key, "/api/v1/agencies", $$"""{"name":"{{name}}","kind":"town-hall"}""");

    /// <summary>The id of what was made, or the refusal's code.</summary>
    private static async Task<(HttpStatusCode Status, string? Said)> SendAsync(HttpClient client, string key, string path, string? json)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, path) { Headers = { { "Idempotency-Key", key } } };
        if (json is not null) request.Content = new StringContent(json, System.Text.Encoding.UTF8, "application/json");
        using var answer = await client.SendAsync(request);
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>();
        return (answer.StatusCode, (string?)body!["id"] ?? (string?)body["code"]);
    }

    public sealed class Running : IAsyncLifetime
    {
        public CoffreFortServer Server { get; private set; } = null!;

        public async Task InitializeAsync() => Server = await CoffreFortServer.StartAsync(seeded: false);

        public async Task DisposeAsync() => await Server.DisposeAsync();
    }
}
