using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Server.Features.Agencies;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>What PostgreSQL can't hold must not get into the journal, where every view would stop at it; and a day after which there is none is a date.</summary>
public sealed class UnstorableTextTests
{
    [Fact]
    public async Task a_nul_is_refused_at_every_door_and_no_view_stops()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var holder = await server.AsAsync("holder");
        var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (string)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        var before = (await server.Journal.HeadAsync()).Size;
        Assert.Equal(HttpStatusCode.BadRequest, (await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=bank-details&period=%00", new ByteArrayContent([1]))).StatusCode);
        Assert.Equal(HttpStatusCode.BadRequest, (await holder.GetAsync("/api/v1/agencies?kind=%00")).StatusCode);
        var operators = await server.AsAsync("operator");
        using var agency = new StringContent("{\"name\":\"x\\u0000\",\"kind\":\"caf\"}", Encoding.UTF8, "application/json");
        Assert.Equal(HttpStatusCode.BadRequest, (await operators.PostAsync("/api/v1/agencies", agency)).StatusCode);
        var session = server.Journal.OpenSession();
        await Assert.ThrowsAsync<ArgumentException>(() =>
        {
            session.Append<Agency>(Guid.CreateVersion7(), new AgencyRegistered("a\0b", "caf", null, null));
            return session.SaveChangesAsync();
        });
        Assert.Equal(before, (await server.Journal.HeadAsync()).Size);
    }

    [Fact]
    public async Task a_document_that_never_expires_locks_nobody_out()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var holder = await server.AsAsync("holder");
        var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (string)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        var deposited = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=identity-card&title=Carte&expiresOn=9999-12-31", new ByteArrayContent([1]));
        Assert.Equal(HttpStatusCode.Created, deposited.StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await holder.GetAsync("/vault")).StatusCode);
        Assert.Equal(HttpStatusCode.OK, (await holder.GetAsync($"/api/v1/procedures/school-enrolment/check?vault={vault}")).StatusCode);
    }
}
