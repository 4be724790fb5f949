using CoffreFort.Server.Features.Documents;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.OpenApi;
using Microsoft.AspNetCore.Routing;
using Microsoft.AspNetCore.Routing.Patterns;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.OpenApi;

namespace CoffreFort.Specs.House;

/// <summary>Who may call a route is decided where it is mapped, and what programs may call is published.</summary>
public sealed class RouteSpecs : IAsyncLifetime
{
    /// <summary>Pages are for people, /health and /metrics for the operator's network: neither is published.</summary>
    private static readonly string[] ForPrograms = ["/api/", "/xroad/", "/log/"];

    private readonly DirectoryInfo _data = Directory.CreateTempSubdirectory("coffrefort-");
    private readonly WebApplication _app;

    public RouteSpecs()
    {
        _app = Program.Build(["--data", _data.FullName]);
        // Hands the routes to the API description as starting would, but starts nothing.
        _app.UseEndpoints(_ => { });
    }

    private IEnumerable<RouteEndpoint> Routes => ((IEndpointRouteBuilder)_app).DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>();

    [Fact]
    [Trait("Requirement", "R-224")]
    public void every_route_says_who_may_call_it()
    {
        Assert.NotEmpty(Routes);
        SourceTree.AssertNone(
            from route in Routes
            where route.Metadata.GetMetadata<IAuthorizeData>() is null && route.Metadata.GetMetadata<IAllowAnonymous>() is null
                && route.Metadata.GetMetadata<AuthorizationPolicy>() is null
            select route.DisplayName ?? Template(route.RoutePattern),
            "Say it on the route: RequireAuthorization(policy), [Authorize(Policy = …)] on a page, or AllowAnonymous. The fallback policy is a net, not a decision.");
    }

    [Fact]
    [Trait("Requirement", "R-224")]
    public async Task every_route_for_programs_stands_in_the_published_api()
    {
        var published = new HashSet<string>();
        if (_app.Services.GetKeyedService<IOpenApiDocumentProvider>("v1") is { } provider)
            foreach (var (path, item) in (await provider.GetOpenApiDocumentAsync()).Paths)
                published.UnionWith(item.Operations?.Keys.Select(method => $"{method} {path}") ?? []);

        SourceTree.AssertNone(
            from route in Routes
            let template = Template(route.RoutePattern)
            where ForPrograms.Any(prefix => template.StartsWith(prefix, StringComparison.Ordinal))
            from method in route.Metadata.GetMetadata<IHttpMethodMetadata>()?.HttpMethods ?? ["(any method)"]
            where !published.Contains($"{method} {template}")
            select $"{method} {template}",
            "Publish it: the OpenAPI document v1 (AddOpenApi) has every route that programs call. Give the route its methods, and don't exclude it from the description.");
    }

    [Fact]
    [Trait("Requirement", "R-224")]
    public async Task a_deposit_of_two_parts_is_published_part_by_part()
    {
        var document = await _app.Services.GetRequiredKeyedService<IOpenApiDocumentProvider>("v1").GetOpenApiDocumentAsync();
        foreach (var path in new[] { "/api/v1/vaults/{vault}/documents", "/api/v1/documents/{id}/versions" })
        {
            var body = document.Paths[path].Operations![HttpMethod.Post].RequestBody!;
            Assert.Equal(["*/*", "multipart/form-data"], body.Content!.Keys);
            var form = body.Content["multipart/form-data"].Schema!;
            Assert.Equal([DepositParts.Document, DepositParts.Signature], form.Properties!.Keys);
            Assert.Equal([DepositParts.Document], form.Required!);
            Assert.All(form.Properties.Values, part => Assert.Equal((JsonSchemaType.String, "binary"), (part.Type, part.Format)));
        }
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await _app.DisposeAsync();
        _data.Delete(recursive: true);
    }

    /// <summary>The route as OpenAPI writes it: parameters by name, without constraints and defaults.</summary>
    private static string Template(RoutePattern pattern) => "/" + string.Join('/', pattern.PathSegments.Select(segment => string.Concat(segment.Parts.Select(part => part switch
    {
        RoutePatternParameterPart parameter => $"{{{parameter.Name}}}",
        RoutePatternLiteralPart literal => literal.Content,
        RoutePatternSeparatorPart separator => separator.Content,
        _ => "",
    }))));
}
