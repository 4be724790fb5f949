using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Authorisation;

/// <summary>
/// docs/authorisation.md says what each persona meets on each route; here every cell of it is tried against the running application.
/// </summary>
public sealed partial class AuthorisationTableTests(ITestOutputHelper output) : IAsyncLifetime
{
    private static readonly string[] Personas =
        ["anonymous", "holder", "holder2", "helper", "clerk-caf", "clerk-town", "atlas-toulon", "atlas-brest", "personnel", "auditor", "operator"];

    private CoffreFortServer _server = null!;

    public async Task InitializeAsync() => _server = await CoffreFortServer.StartAsync();

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-006")]
    [Trait("Requirement", "R-225")]
    public async Task every_route_answers_every_persona_as_the_table_says()
    {
        var table = ReadTable();
        var world = await World.MakeAsync(_server);
        var found = new StringBuilder();
        var wrong = new List<string>();
        foreach (var (method, route) in Routes())
        {
            // Those who are refused come first: what the others do may change what there is to see.
            var expected = table.GetValueOrDefault($"{method} {route}");
            var order = Personas.Reverse().OrderBy(persona => expected?[Array.IndexOf(Personas, persona)] == "yes").ToList();
            var outcomes = new Dictionary<string, string>();
            foreach (var persona in order) outcomes[persona] = await OutcomeAsync(world, method, route, persona);
            var row = $"| `{method} {route}` | {string.Join(" | ", Personas.Select(persona => outcomes[persona]))} |";
            found.AppendLine(row);
            if (expected is null) wrong.Add($"missing from docs/authorisation.md: {row}");
            else if (!expected.SequenceEqual(Personas.Select(persona => outcomes[persona]))) wrong.Add($"the application answers: {row}");
        }

        output.WriteLine(found.ToString());
        var routes = Routes().Select(route => $"{route.Method} {route.Route}").ToHashSet();
        wrong.AddRange(table.Keys.Where(key => !routes.Contains(key)).Select(key => $"in docs/authorisation.md, but no such route: {key}"));
        Assert.True(wrong.Count == 0, "Decide who may, then mend the route's policy or the table:\n" + string.Join("\n", wrong));
    }

    private IEnumerable<(string Method, string Route)> Routes() =>
        from endpoint in _server.Services.GetRequiredService<EndpointDataSource>().Endpoints.OfType<RouteEndpoint>()
        let route = "/" + endpoint.RoutePattern.RawText?.Trim('/')
        where !IsAsset(route)
        from method in endpoint.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["GET"]
        let pair = (method, Constraint().Replace(route, "}"))
        group pair by pair into one
        orderby one.Key.Item2, one.Key.method
        select (one.Key.method, one.Key.Item2);

    private static bool IsAsset(string route) =>
        route.StartsWith("/lib/", StringComparison.Ordinal)
        || Path.HasExtension(route.Replace("{", "").Replace("}", "")) && !route.StartsWith("/openapi", StringComparison.Ordinal);

    private async Task<string> OutcomeAsync(World world, string method, string route, string persona)
    {
        var path = Parameter().Replace(route + Query(route), match => Value(world, route, match.Groups["name"].Value));
        using var handler = new HttpClientHandler { AllowAutoRedirect = false, UseCookies = false };
        using var client = new HttpClient(handler) { BaseAddress = _server.Address };
        using var request = new HttpRequestMessage(new HttpMethod(method), path);
        if (persona != "anonymous")
        {
            using var signedIn = await _server.AsAsync(persona);
            request.Headers.Authorization = signedIn.DefaultRequestHeaders.Authorization;
        }

        if (method is "POST" or "PATCH" or "PUT")
            request.Content = new StringContent(Body(route), new MediaTypeHeaderValue("application/json"));
        using var answer = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        return Outcome(answer);
    }

    /// <summary>"yes" is whatever comes after the door: also a refusal of the business, such as a form that lacks a field.</summary>
    private static string Outcome(HttpResponseMessage answer) => answer.StatusCode switch
    {
        HttpStatusCode.Unauthorized => "401",
        HttpStatusCode.Forbidden => "403",
        HttpStatusCode.NotFound => "404",
        HttpStatusCode.Redirect or HttpStatusCode.SeeOther when answer.Headers.Location?.ToString().Contains("/sign-in", StringComparison.Ordinal) == true => "sign-in",
        >= HttpStatusCode.InternalServerError => $"{(int)answer.StatusCode}",
        _ => "yes",
    };

    private static string Value(World world, string route, string parameter) =>
        parameter == "document" && route.Contains("/consents/", StringComparison.Ordinal) ? world.Value(route, "document-of-consent") : world.Value(route, parameter);

    /// <summary>Enough for the question "whose is it?" to be reached.</summary>
    private static string Query(string route) => route switch
    {
        _ when route.EndsWith("/vaults/{vault}/documents", StringComparison.Ordinal) => "?evidenceType=tax-notice",
        _ when route.EndsWith("/content", StringComparison.Ordinal) => "?reason=instruction",
        _ when route.EndsWith("/proofs/inclusion", StringComparison.Ordinal) => "?event={event}",
        _ when route.EndsWith("/proofs/consistency", StringComparison.Ordinal) => "?from=1",
        _ when route.EndsWith("/check", StringComparison.Ordinal) || route.EndsWith("/usage", StringComparison.Ordinal) => "?vault={vault}",
        _ when route.EndsWith("/state", StringComparison.Ordinal) || route.EndsWith("/timeline", StringComparison.Ordinal) => "?vault={vault}",
        _ => "",
    };

    private static string Body(string route) => route.EndsWith("/accept", StringComparison.Ordinal) ? """{"procedures":[]}""" : "{}";

    private static Dictionary<string, string[]> ReadTable()
    {
        var file = Path.Combine(Repository.Root, "docs", "authorisation.md");
        return File.ReadLines(file)
            .Select(line => line.Split('|', StringSplitOptions.TrimEntries))
            .Where(cells => cells.Length == Personas.Length + 3 && cells[1].StartsWith('`'))
            .ToDictionary(cells => cells[1].Trim('`'), cells => cells[2..^1]);
    }

    [GeneratedRegex(@":[^{}]+\}")]
    private static partial Regex Constraint();

    [GeneratedRegex(@"\{\**(?<name>[a-zA-Z-]+)\??\}")]
    private static partial Regex Parameter();
}
