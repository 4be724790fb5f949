using CoffreFort.Server.Demo;
using CoffreFort.Server.Hosting;
using Microsoft.AspNetCore.Routing;

namespace CoffreFort.Specs.Web;

public sealed class DemoModeSpecs
{
    [Theory]
    [InlineData("--urls=http://0.0.0.0:5080")]
    [InlineData("--urls=http://+:5080")]
    [InlineData("--urls=http://192.0.2.7:5080")]
    [InlineData("--urls=http://127.0.0.1:5080;http://coffrefort.example:80")]
    [InlineData("--http_ports=8080")]
    [InlineData("--Kestrel:Endpoints:Public:Url=https://*:443")]
    [InlineData("--Oidc:Authority=https://login.example")]
    [Trait("Requirement", "R-226")]
    public void the_demo_is_refused_where_strangers_could_reach_it(string setting)
    {
        var refusal = Assert.Throws<SettingsException>(() => Program.Build(["--demo=true", setting]));
        Assert.Contains("Demo mode lets anybody sign in as anybody", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--urls=http://127.0.0.1:5080")]
    [InlineData("--urls=http://[::1]:5080;http://localhost:5081")]
    [InlineData("--environment=Production")]
    public async Task the_demo_runs_on_loopback(string setting)
    {
        await using var app = Program.Build(["--demo=true", setting]);
        Assert.Contains("demo", Routes(app));
    }

    [Fact]
    public async Task without_the_demo_there_is_no_route_of_it()
    {
        await using var app = Program.Build([]);
        Assert.DoesNotContain(Routes(app), route => route.StartsWith("demo", StringComparison.Ordinal));
    }

    [Fact]
    public void every_person_of_the_demo_is_known_by_one_key_and_one_id()
    {
        string[] expected = ["holder", "holder2", "helper", "clerk-caf", "clerk-town", "atlas-toulon", "atlas-brest", "personnel", "auditor", "operator"];
        Assert.Equal(expected, Personas.All.Select(persona => persona.Key));
        Assert.Equal(expected.Length, Personas.All.Select(persona => persona.Id).Distinct().Count());
    }

    private static List<string> Routes(IEndpointRouteBuilder app) =>
        [.. app.DataSources.SelectMany(source => source.Endpoints).OfType<RouteEndpoint>().Select(endpoint => endpoint.RoutePattern.RawText!.TrimStart('/'))];
}
