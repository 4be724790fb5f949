using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Features.AccessRequests;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Catalogues;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Mutations;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Features.Vaults;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>A next version of the whole application, in which two events have a new shape, over what this one has stored: folds, lists, rebuilds, the replay.</summary>
[Trait("Requirement", "R-227")]
public sealed class OldShapesTests
{
    [Fact]
    public async Task events_of_an_older_shape_mean_the_same_in_every_reading_of_the_next_version()
    {
        await using var server = await CoffreFortServer.StartAsync();
        var scene = await SharingScene.InAsync(server);
        var document = await scene.DepositAsync([1, 2, 3]);
        var consent = await scene.GrantAsync(document);
        (await scene.ReadAsync(consent, document)).EnsureSuccessStatusCode();
        await using var next = await server.AnotherNodeAsync(services =>
            services.AddSingleton(provider => new EventStore.Journal(provider.GetRequiredService<NpgsqlDataSource>(), NextVersion())));
        var subscriptions = next.Services.GetRequiredService<Subscriptions>();
        foreach (var view in new[] { "document_list", "consent_list" }) await subscriptions.RebuildAsync(view);
        var holder = await next.AsAsync("holder");

        var listed = (await holder.GetFromJsonAsync<JsonObject>($"/api/v1/vaults/{scene.Vault}/documents"))!["items"]!.AsArray().Single()!;
        Assert.Equal(("bank-details", "Avis"), ((string)listed["evidenceType"]!, (string)listed["title"]!));
        Assert.Equal("bank-details", (string)(await holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["evidenceType"]!);
        var shares = await holder.GetFromJsonAsync<JsonObject>($"/api/v1/consents?vault={scene.Vault}");
        Assert.Equal(400, (int)shares!["items"]!.AsArray().Single()!["retentionDays"]!);
        var state = await ReplayAsync(next, scene.Vault);
        Assert.Equal("bank-details", (string)state["documents"]!.AsArray().Single()!["evidenceType"]!);
        Assert.Single(state["reads"]!.AsArray());

        var deposited = await holder.PostAsync($"/api/v1/vaults/{scene.Vault}/documents?evidenceType=tax-notice&title=Nouveau", new ByteArrayContent([4]));
        var newer = (Guid)(await deposited.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        Assert.Equal("document_deposited_v2", (await next.Journal.FetchStreamAsync(newer))[0].Type);
        var history = (await holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{newer}/history"))!["items"]!.AsArray();
        Assert.Equal("document_deposited", (string)history[0]!["type"]!);
        await using var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        Assert.True((await JournalVerification.RunAsync(owner)).Holds);
    }

    private static async Task<JsonObject> ReplayAsync(CoffreFortServer server, Guid vault)
    {
        var auditor = await server.AsAsync("auditor");
        var audit = await (await auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "Formes", vaults = new[] { vault } })).Content.ReadFromJsonAsync<JsonObject>();
        return (await auditor.GetFromJsonAsync<JsonObject>($"/api/v1/audits/{audit!["id"]}/state?vault={vault}"))!;
    }

    /// <summary>All that this version declares, with a second shape of two events.</summary>
    private static EventRegistry NextVersion() => new(
        JournalEvents.Json, Vault.Events, WithNext<DocumentDeposited>(Document.Events, body => body["evidenceType"] = "bank-details"), Server.Features.Agencies.Agency.Events,
        AccessRequest.Events, WithNext<ConsentGranted>(Consent.Events, body => body["retentionDays"] = 400), Mutation.Events, Audit.Events, OperatorActs.Events,
        CatalogueInForce.Events);

    private static EventTypes WithNext<T>(EventTypes all, Upcaster upcaster)
        where T : IEvent
    {
        var next = new EventTypes();
        foreach (var entry in all.All)
            typeof(EventTypes).GetMethod(nameof(EventTypes.Add))!.MakeGenericMethod(entry.Class).Invoke(next, [entry.Name, entry.Class == typeof(T) ? new[] { upcaster } : []]);
        return next;
    }
}
