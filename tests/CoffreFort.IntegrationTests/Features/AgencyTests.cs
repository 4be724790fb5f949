using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Demo;
using CoffreFort.Server.Features.Agencies;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>The demo's agencies, and the operator's changes to agencies, over HTTP.</summary>
public sealed class AgencyTests
{
    [Fact]
    public async Task the_demo_starts_with_its_agencies_and_tells_them_once()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var client = await server.AsAsync("holder");
        var list = await client.GetFromJsonAsync<JsonObject>("/api/v1/agencies");
        Assert.Equal(["CAF du Var", "Espace ATLAS de Brest", "Espace ATLAS de Toulon", "Mairie de Brest"], list!["items"]!.AsArray().Select(line => (string)line!["name"]!));

        var size = (await server.Journal.HeadAsync()).Size;
        await ActivatorUtilities.CreateInstance<Seed>(server.Services).StartAsync(CancellationToken.None);
        Assert.Equal(size, (await server.Journal.HeadAsync()).Size);

        await using var scope = server.Services.CreateAsyncScope();
        var finder = scope.ServiceProvider.GetRequiredService<AgencyFinder>();
        Assert.Equal(Agencies.AtlasBrest.Id, (await finder.OfClerkAsync(Personas.AtlasBrest.Id, CancellationToken.None))!.Agency);
        Assert.Equal("Gwenaëlle Morvan", (await finder.ClerksAsync(Agencies.AtlasBrest.Id, CancellationToken.None)).Single().Name);
    }

    [Fact]
    public async Task what_others_read_of_an_agency_holds_nothing_that_cannot_be_seen()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false);
        using var keeper = await server.AsAsync("operator");
        var registered = await keeper.PostAsJsonAsync(
            "/api/v1/agencies", new { name = " Espace\u202e\r\nATLAS\u200b ", kind = "atlas", siteCode = "LOR\u200d-56", garrison = "\u2066Lorient" });
        var agency = (await registered.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal(("Espace  ATLAS", "LOR-56", "Lorient"), ((string)agency["name"]!, (string)agency["siteCode"]!, (string)agency["garrison"]!));
        (await keeper.PostAsJsonAsync($"/api/v1/agencies/{agency["id"]}/clerks", new { clerk = Personas.ClerkTown.Id, name = "Maëlle\u202e Kerbrat" })).EnsureSuccessStatusCode();
        await using var scope = server.Services.CreateAsyncScope();
        var clerks = await scope.ServiceProvider.GetRequiredService<AgencyFinder>().ClerksAsync((Guid)agency["id"]!, CancellationToken.None);
        Assert.Equal("Maëlle Kerbrat", clerks.Single().Name);
        var unseen = await keeper.PostAsJsonAsync("/api/v1/agencies", new { name = "\u200b\u202e", kind = "caf" });
        Assert.Equal(HttpStatusCode.UnprocessableEntity, unseen.StatusCode);
    }

    [Fact]
    public async Task the_operator_alone_changes_agencies()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: false);
        var body = new { name = "Mairie de Lorient", kind = "town-hall" };
        foreach (var other in new[] { "holder", "clerk-town", "auditor" })
            Assert.Equal(HttpStatusCode.Forbidden, (await (await server.AsAsync(other)).PostAsJsonAsync("/api/v1/agencies", body)).StatusCode);

        var keeper = await server.AsAsync("operator");
        var registered = await keeper.PostAsJsonAsync("/api/v1/agencies", body);
        Assert.Equal(HttpStatusCode.Created, registered.StatusCode);
        var address = registered.Headers.Location!.OriginalString;
        (await keeper.PostAsJsonAsync($"{address}/clerks", new { clerk = Personas.ClerkTown.Id, name = "Maëlle Kerbrat" })).EnsureSuccessStatusCode();
        (await keeper.PostAsJsonAsync($"{address}/procedures", new { procedure = "family-portal" })).EnsureSuccessStatusCode();
        (await keeper.DeleteAsync($"{address}/clerks/{Personas.ClerkTown.Id}")).EnsureSuccessStatusCode();
        var seen = await keeper.GetFromJsonAsync<JsonObject>(address);
        Assert.Equal("family-portal", (string)seen!["procedures"]![0]!["procedure"]!);
        await using var scope = server.Services.CreateAsyncScope();
        Assert.Null(await scope.ServiceProvider.GetRequiredService<AgencyFinder>().OfClerkAsync(Personas.ClerkTown.Id, CancellationToken.None));
    }
}
