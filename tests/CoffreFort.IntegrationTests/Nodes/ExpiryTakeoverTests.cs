using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Demo;
using CoffreFort.Server.Features.AccessRequests;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>What ends at an instant ends at it, also when the node that would have seen to it is gone; and once, also when that node comes back.</summary>
[Collection("many readers")]
public sealed class ExpiryTakeoverTests(ThreeNodes nodes) : IClassFixture<ThreeNodes>
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    [Trait("Requirement", "R-266")]
    public async Task requests_and_consents_end_at_their_instant_though_the_node_that_lists_requests_is_killed_or_frozen(bool killed)
    {
        var document = await nodes.DepositAsync(nodes.Holder[0], [1, 2, 3]);
        var ends = (await nodes.Journal.NowAsync()).AddHours(2);
        var consent = (Guid)(await PostAsync(nodes.Holder[0], "/api/v1/consents", new
        {
            grantee = Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document } }, uses = 100, until = ends,
        }))["id"]!;
        var runner = (await RunningViews.ReadAsync(nodes.Owner))["access_request_list"];
        var gone = nodes.All.Single(node => node.Name == runner);
        var others = Enumerable.Range(0, 3).Where(node => nodes.All[node] != gone).ToList();
        if (killed) await gone.KillAsync();
        else await gone.SignalAsync("STOP");

        // Asked when it is gone already: nobody's list has the request before another node has taken the list over.
        var request = (Guid)(await PostAsync(nodes.Clerk[others[0]], "/api/v1/access-requests", new { vault = nodes.Vault, procedure = "school-enrolment", expires = ends }))["id"]!;
        foreach (var node in others) Assert.Equal(HttpStatusCode.OK, (await ReadAsync(node, consent, document)).Status);
        await nodes.AdvanceAsync(ends);
        foreach (var node in others) Assert.Equal((HttpStatusCode.Forbidden, "consent-expired"), await ReadAsync(node, consent, document));
        await ThreeNodes.UntilAsync(async () => await ExpiriesAsync(request) > 0);

        if (killed) await gone.StartAsync();
        else await gone.SignalAsync("CONT");
        var back = nodes.All.ToList().IndexOf(gone);
        await nodes.DepositAsync(nodes.Holder[back], [1, 2, 3]);
        Assert.Equal((HttpStatusCode.Forbidden, "consent-expired"), await ReadAsync(back, consent, document));
        await nodes.AllAppliedAsync();
        foreach (var holder in nodes.Holder)
        {
            Assert.Equal("expired", await StateAsync(holder, $"/api/v1/consents/{consent}"));
            Assert.Equal("expired", await StateAsync(holder, $"/api/v1/access-requests/{request}"));
        }

        Assert.Equal(1, await ExpiriesAsync(request));
    }

    private async Task<int> ExpiriesAsync(Guid request) => (await nodes.Journal.FetchStreamAsync(request)).Count(stored => stored.Body is AccessRequestExpired);

    private async Task<(HttpStatusCode Status, string? Code)> ReadAsync(int node, Guid consent, string document)
    {
        using var answer = await nodes.Clerk[node].GetAsync($"/api/v1/consents/{consent}/evidence/{document}/content?reason=Tarif");
        return (answer.StatusCode, answer.IsSuccessStatusCode ? null : (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"]);
    }

    private static async Task<JsonObject> PostAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        return await ThreeNodes.BodyAsync(answer);
    }

    private static async Task<string?> StateAsync(HttpClient client, string path)
    {
        using var answer = await client.GetAsync(path);
        return (string?)(await ThreeNodes.BodyAsync(answer))["state"];
    }
}
