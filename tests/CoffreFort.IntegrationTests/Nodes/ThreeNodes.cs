using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Demo;
using CoffreFort.Server.Features.Audits;
using Npgsql;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>Three real servers over one database and one data folder, started together on nothing, with a holder, a vault and the town hall's clerk.</summary>
public sealed class ThreeNodes : IAsyncLifetime
{
    public ServerProcess First { get; private set; } = null!;

    public IReadOnlyList<ServerProcess> All => First.Nodes;

    public NpgsqlDataSource Owner { get; private set; } = null!;

    /// <summary>Reads the journal beside the nodes.</summary>
    public EventStore.Journal Journal { get; private set; } = null!;

    public string Vault { get; private set; } = "";

    /// <summary>The holder, at each node; the token was given by one of them.</summary>
    internal HttpClient[] Holder { get; private set; } = [];

    internal HttpClient[] Clerk { get; private set; } = [];

    public async Task InitializeAsync()
    {
        First = await ServerProcess.StartAsync(3, await PostgresCluster.SharedDurable, "--demo:seed", "true", "--demo:story", "false");
        Owner = NpgsqlDataSource.Create(First.JournalDatabase.OwnerConnectionString);
        Journal = new EventStore.Journal(Owner, JournalEvents.Registry);
        Holder = [.. await Task.WhenAll(All.Select(node => node.AsAsync("holder")))];
        Clerk = [.. await Task.WhenAll(All.Select(node => node.AsAsync("clerk-town")))];
        using var opened = await Holder[0].PostAsync("/api/v1/vaults", null);
        Vault = (string)(await BodyAsync(opened))["id"]!;
    }

    public async Task DisposeAsync()
    {
        foreach (var client in Holder.Concat(Clerk)) client.Dispose();
        await Journal.DisposeAsync();
        await Owner.DisposeAsync();
        await First.DisposeAsync();
    }

    internal string Documents(string title) => $"/api/v1/vaults/{Vault}/documents?evidenceType=tax-notice&title={title}";

    internal async Task<string> DepositAsync(HttpClient holder, byte[] content, string title = "Avis")
    {
        using var answer = await holder.PostAsync(Documents(title), new ByteArrayContent(content));
        return (string)(await BodyAsync(answer))["id"]!;
    }

    internal static async Task<Guid> GrantAsync(HttpClient holder, string document)
    {
        using var answer = await holder.PostAsJsonAsync("/api/v1/consents", new { grantee = Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document } }, uses = 1000 });
        return (Guid)(await BodyAsync(answer))["id"]!;
    }

    internal static async Task<JsonObject> BodyAsync(HttpResponseMessage answer)
    {
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{(int)answer.StatusCode}: {text}");
        return JsonNode.Parse(text)!.AsObject();
    }

    internal static string Position(HttpResponseMessage answer) => answer.Headers.GetValues("Journal-Position").Single();

    /// <summary>Writes an event at an instant to come: the journal's time stands there from then on.</summary>
    internal async Task AdvanceAsync(DateTimeOffset instant)
    {
        await using var ahead = new EventStore.Journal(Owner, JournalEvents.Registry, new JournalOptions { ClockOffset = instant - DateTimeOffset.UtcNow });
        var session = ahead.OpenSession();
        session.Append<Audit>(Guid.CreateVersion7(), new AuditQueried("drill", Guid.Empty, null));
        await session.SaveChangesAsync();
    }

    /// <summary>Until every view has taken what the journal holds.</summary>
    internal Task AllAppliedAsync() => UntilAsync(async () =>
    {
        await using var behind = Owner.CreateCommand("select count(*) from coffrefort.mt_event_progression p, coffrefort.journal_head h where p.last_seq_id < h.size");
        return (long)(await behind.ExecuteScalarAsync())! == 0;
    });

    internal static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(120); !await holds(); await Task.Delay(50))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within two minutes.");
    }
}
