using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>What the catalogue says, and what it says of a vault.</summary>
public sealed class CatalogueTests : IAsyncLifetime
{
    private static readonly string[] SchoolTypes = ["family-record-book", "identity-card", "proof-of-address", "vaccination-record"];

    private CoffreFortServer _server = null!;

    public async Task InitializeAsync() => _server = await CoffreFortServer.StartAsync(seeded: false);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    public async Task a_holder_checks_a_procedure_before_anybody_asks()
    {
        var holder = await _server.AsAsync("holder2");
        var vault = (string)(await Json(await holder.PostAsync("/api/v1/vaults", null)))["id"]!;
        await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=proof-of-address&issuedOn=2026-01-10", new ByteArrayContent([1, 2, 3]));

        var stale = await Json(await holder.GetAsync($"/api/v1/procedures/family-portal/check?vault={vault}&asOf=2027-01-01"));

        Assert.False((bool)stale["complete"]!);
        Assert.Equal("2027-01-01", (string)stale["asOf"]!);
        var piece = stale["pieces"]!.AsArray().Single(one => (string)one!["asked"]! == "proof-of-address")!;
        Assert.Equal(("stale", "2026-04-10"), ((string)piece["status"]!, (string)piece["staleSince"]!));
        Assert.Equal("2026-10-02", (string)piece["wouldDo"]![0]!["issuedOnOrAfter"]!);
        var nonsense = await holder.GetAsync("/api/v1/procedures/family-portal/check?situation=rich");
        Assert.Equal((HttpStatusCode.UnprocessableEntity, "unknown-situation"), (nonsense.StatusCode, (string)(await Json(nonsense))["code"]!));
    }

    [Fact]
    public async Task the_catalogue_is_shown_to_who_is_signed_in()
    {
        var clerk = await _server.AsAsync("clerk-town");
        var types = await Json(await clerk.GetAsync("/api/v1/evidence-types"));
        var procedures = await Json(await clerk.GetAsync("/api/v1/procedures"));
        var school = procedures["items"]!.AsArray().Single(one => (string)one!["code"]! == "school-enrolment")!;

        Assert.Subset(types["items"]!.AsArray().Select(type => (string)type!["code"]!).ToHashSet(), SchoolTypes.ToHashSet());
        Assert.Equal("School enrolment after a move", (string)school["name"]!["en"]!);
        Assert.Equal("all", (string)school["requirement"]!["kind"]!);
        Assert.NotNull(school["closedList"]!["article"]!["source"]);
        Assert.Equal(HttpStatusCode.Unauthorized, (await _server.Anonymous().GetAsync("/api/v1/procedures")).StatusCode);
    }

    private static async Task<JsonNode> Json(HttpResponseMessage answer) => (await answer.Content.ReadFromJsonAsync<JsonNode>())!;
}
