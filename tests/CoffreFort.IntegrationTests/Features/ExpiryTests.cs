using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Mutations;
using CoffreFort.IntegrationTests.Nodes;
using CoffreFort.Server.Features.AccessRequests;
using Npgsql;

namespace CoffreFort.IntegrationTests.Features;

public sealed class ExpiryTests
{
    [Fact]
    [Trait("Requirement", "R-266")]
    public async Task a_request_whose_stream_is_damaged_keeps_no_other_from_being_recorded_as_expired()
    {
        await using var story = await PostingStory.InToulonAsync();
        using var clerk = await story.Server.AsAsync("clerk-town");
        var now = await story.Journal.NowAsync();
        var damaged = await AskAsync(now.AddHours(1));
        var sound = await AskAsync(now.AddHours(2));
        await using var owner = NpgsqlDataSource.Create(story.Server.JournalDatabase.OwnerConnectionString);
        await using var damage = owner.CreateCommand("update coffrefort.mt_events set data = '{}' where stream_id = $1");
        damage.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = damaged });
        Assert.Equal(1, await damage.ExecuteNonQueryAsync());

        await story.AdvanceAsync(now.AddHours(3));
        await ThreeNodes.UntilAsync(async () => (await story.Journal.FetchStreamAsync(sound)).Any(stored => stored.Body is AccessRequestExpired));

        async Task<Guid> AskAsync(DateTimeOffset expires)
        {
            using var answer = await clerk.PostAsJsonAsync("/api/v1/access-requests", new { vault = story.Vault, procedure = "school-enrolment", expires });
            var request = Guid.Parse((string)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!);
            // In the list that the clock works through.
            (await clerk.GetAsync($"/api/v1/access-requests/{request}")).EnsureSuccessStatusCode();
            return request;
        }
    }
}
