using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server;
using CoffreFort.Server.Demo;
using CoffreFort.Server.Features.Audits;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Features.Mutations;

/// <summary>A server whose holder belongs to Toulon since a year; the journal's clock is moved ahead as a test asks.</summary>
internal sealed class PostingStory : IAsyncDisposable
{
    private PostingStory(CoffreFortServer server, HttpClient holder, HttpClient personnel, Guid vault) =>
        (Server, Holder, Personnel, Vault) = (server, holder, personnel, vault);

    public CoffreFortServer Server { get; }

    public HttpClient Holder { get; }

    public HttpClient Personnel { get; }

    public Guid Vault { get; }

    public EventStore.Journal Journal => Server.Journal;

    public static async Task<PostingStory> InToulonAsync()
    {
        var server = await CoffreFortServer.StartAsync(seeded: false);
        await using (var scope = server.Services.CreateAsyncScope())
            await ActivatorUtilities.CreateInstance<SeedAgencies>(scope.ServiceProvider).RunAsync(CancellationToken.None);
        var holder = await server.AsAsync("holder");
        var opened = await (await holder.PostAsync("/api/v1/vaults", null)).Content.ReadFromJsonAsync<JsonObject>();
        var story = new PostingStory(server, holder, await server.AsAsync("personnel"), Guid.Parse((string)opened!["id"]!));
        var first = await story.AnnounceAsync("TLN-83", (await story.TodayAsync()).AddYears(-1));
        Assert.Equal("effective", (string)first["state"]!);
        return story;
    }

    public async Task<DateOnly> TodayAsync() => FrenchCalendar.DayOf(await Journal.NowAsync());

    public Task<JsonObject> AnnounceAsync(string to, DateOnly on) =>
        Done(Personnel.PostAsJsonAsync("/api/v1/mutations", new { vault = Vault, to, effectiveOn = on, order = "OM 2026-1" }));

    public async Task<Guid> DepositAsync(string type) => Guid.Parse((string)(await Done(Holder.PostAsync(
        $"/api/v1/vaults/{Vault}/documents?evidenceType={type}&title=X&issuedOn={await TodayAsync():yyyy-MM-dd}", new ByteArrayContent([1, 2, 3]))))["id"]!);

    public async Task<Guid> GrantAsync(DemoAgency grantee, string procedure, Guid document) => Guid.Parse((string)(await Done(Holder.PostAsJsonAsync(
        "/api/v1/consents", new { grantee = grantee.Id, procedure, pieces = new[] { new { document, version = 1 } }, uses = 1000 })))["id"]!);

    /// <summary>Accepts the handover of these procedures, with what each requires.</summary>
    public Task<JsonObject> AcceptAsync(object? mutation, params string[] procedures) => Done(Holder.PostAsJsonAsync(
        $"/api/v1/mutations/{mutation}/accept", new { procedures = procedures.Select(procedure => new { procedure }) }));

    /// <summary>Whether a clerk gets the bytes.</summary>
    /// <param name="ask">Only asks whether they would, and uses nothing.</param>
    public async Task<bool> ReadsAsync(string clerk, Guid consent, Guid document, bool ask = false)
    {
        using var request = new HttpRequestMessage(ask ? HttpMethod.Head : HttpMethod.Get, $"/api/v1/consents/{consent}/evidence/{document}/content?reason=Instruction");
        using var answer = await (await Server.AsAsync(clerk)).SendAsync(request);
        Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.OK, HttpStatusCode.NotFound, HttpStatusCode.Forbidden, HttpStatusCode.Conflict });
        return answer.IsSuccessStatusCode;
    }

    /// <summary>Moves the journal's clock: another node, whose clock runs ahead in a drill, records something; time never runs backwards after that.</summary>
    public async Task AdvanceAsync(DateTimeOffset to)
    {
        await using var database = NpgsqlDataSource.Create(Server.JournalDatabase.ApplicationConnectionString);
        await using var command = database.CreateCommand("select clock_timestamp()");
        var ahead = to - (DateTime)(await command.ExecuteScalarAsync())!;
        await using var node = new EventStore.Journal(database, JournalEvents.Registry, new EventStore.JournalOptions { ClockOffset = ahead });
        var session = node.OpenSession();
        session.Append<Audit>(Guid.CreateVersion7(), new AuditQueried("drill", Guid.Empty, null));
        await session.SaveChangesAsync();
    }

    public async Task<IReadOnlyList<EventStore.StoredEvent>> EventsAsync(params string[] types)
    {
        var events = new List<EventStore.StoredEvent>();
        await foreach (var stored in Journal.ReadAllAsync())
            if (types.Length == 0 || types.Contains(stored.Type)) events.Add(stored);
        return events;
    }

    public ValueTask DisposeAsync() => Server.DisposeAsync();

    private static async Task<JsonObject> Done(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        var body = await answer.Content.ReadFromJsonAsync<JsonObject>();
        Assert.True(answer.IsSuccessStatusCode, body!.ToJsonString());
        return body;
    }
}
