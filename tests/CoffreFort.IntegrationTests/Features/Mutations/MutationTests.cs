using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Demo;
using CoffreFort.Server.Features.Mutations;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Mutations;

/// <summary>A posting from its announcement to its effect, over HTTP and over a real journal whose clock is moved.</summary>
public sealed class MutationTests
{
    [Fact]
    [Trait("Requirement", "R-022")]
    public async Task access_moves_from_one_space_to_the_other_at_the_date_and_nothing_is_deposited_again()
    {
        await using var story = await PostingStory.InToulonAsync();
        var order = await story.DepositAsync("posting-order");
        var old = await story.GrantAsync(Agencies.AtlasToulon, "defence-housing", order);
        var day = (await story.TodayAsync()).AddMonths(5);
        var mutation = (string)(await story.AnnounceAsync("BST-29", day))["id"]!;
        Assert.Equal("accepted", (string)(await story.AcceptAsync(mutation, "defence-housing"))["state"]!);
        await story.AdvanceAsync(FrenchCalendar.StartOf(day).AddSeconds(-60));
        Assert.True(await story.ReadsAsync("atlas-toulon", old, order));

        await story.AdvanceAsync(FrenchCalendar.StartOf(day));
        Assert.False(await story.ReadsAsync("atlas-toulon", old, order));
        var seen = await story.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/mutations/{mutation}");
        Assert.Equal("effective", (string)seen!["state"]!);
        Assert.True(await story.ReadsAsync("atlas-brest", Guid.Parse((string)seen["consents"]!.AsArray().Single()!), order));
        Assert.Single(await story.EventsAsync("document_deposited"));

        var all = await story.EventsAsync();
        var first = all.Last(stored => stored.Type == "mutation_took_effect");
        Assert.Equal(
            ["mutation_took_effect", "space_assigned", "posting_consent_given", "consent_revoked", "consent_granted"],
            all.Where(stored => stored.Header("correlation") == first.Header("correlation") && stored.Position >= first.Position).Select(stored => stored.Type));
    }

    [Fact]
    public async Task without_the_holders_word_the_new_space_gets_nothing_until_they_accept()
    {
        await using var story = await PostingStory.InToulonAsync();
        var order = await story.DepositAsync("posting-order");
        var old = await story.GrantAsync(Agencies.AtlasToulon, "defence-housing", order);
        var mutation = await story.AnnounceAsync("BST-29", await story.TodayAsync());
        Assert.Equal("effective", (string)mutation["state"]!);
        Assert.False(await story.ReadsAsync("atlas-toulon", old, order));

        var consent = (await story.AcceptAsync(mutation["id"], "defence-housing"))["consents"]!.AsArray().Single();
        Assert.True(await story.ReadsAsync("atlas-brest", Guid.Parse((string)consent!), order));
    }

    [Fact]
    public async Task a_consent_given_while_a_posting_is_due_is_tied_to_the_space_the_holder_then_has()
    {
        await using var story = await PostingStory.InToulonAsync();
        var order = await story.DepositAsync("posting-order");
        var day = (await story.TodayAsync()).AddDays(3);
        await story.AnnounceAsync("BST-29", day);
        await story.AdvanceAsync(FrenchCalendar.StartOf(day));
        // Nobody looked, and no clock ticked, since the posting fell due.
        var given = await story.GrantAsync(Agencies.AtlasBrest, "defence-housing", order);
        Assert.True(await story.ReadsAsync("atlas-brest", given, order));

        await story.AnnounceAsync("TLN-83", day);
        Assert.False(await story.ReadsAsync("atlas-brest", given, order));
    }

    [Fact]
    public async Task what_the_service_and_the_auditor_type_is_kept_as_one_can_read_it()
    {
        await using var story = await PostingStory.InToulonAsync();
        var announced = await story.Personnel.PostAsJsonAsync("/api/v1/mutations", new { vault = story.Vault, to = "BST-29", effectiveOn = (await story.TodayAsync()).AddMonths(1), order = "OM\u202e 2026\u200b-1\r\n" });
        var mutation = (await announced.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal("OM 2026-1", (string?)mutation["order"]);
        (await story.Personnel.PostAsJsonAsync($"/api/v1/mutations/{mutation["id"]}/cancel", new { reason = "\u2067Annulée\u0007" })).EnsureSuccessStatusCode();
        Assert.Equal("Annulée", (string?)(await story.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/mutations/{mutation["id"]}"))!["reason"]);
        using var auditor = await story.Server.AsAsync("auditor");
        var opened = await auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "Con\u202etrôle\u200b", allVaults = true });
        Assert.Equal("Contrôle", (string?)(await opened.Content.ReadFromJsonAsync<JsonObject>())!["reason"]);
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "\u202e\u200b", allVaults = true })).StatusCode);
    }

    [Fact]
    [Trait("Requirement", "R-020")]
    public async Task what_is_erased_before_the_date_does_not_go_and_the_holder_is_told()
    {
        await using var story = await PostingStory.InToulonAsync();
        var order = await story.DepositAsync("posting-order");
        var day = (await story.TodayAsync()).AddDays(60);
        var mutation = (string)(await story.AnnounceAsync("BST-29", day))["id"]!;
        Assert.Null((await story.AcceptAsync(mutation, "defence-housing"))["leftOut"]);
        (await story.Holder.DeleteAsync($"/api/v1/documents/{order}")).EnsureSuccessStatusCode();
        Assert.Equal(order, (Guid)(await story.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/mutations/{mutation}"))!["leftOut"]!.AsArray().Single()!);
        using var holder = await PageBrowser.AsAsync(story.Server, "holder");
        Assert.Contains("1 pièce que vous aviez choisie est effacée, ou va l'être", (await holder.GetAsync("/moving")).Text, StringComparison.Ordinal);

        await story.AdvanceAsync(FrenchCalendar.StartOf(day));

        var seen = (await story.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/mutations/{mutation}"))!;
        Assert.Equal("effective", (string)seen["state"]!);
        Assert.Empty(seen["consents"]!.AsArray());
        Assert.Equal(order, (Guid)seen["leftOut"]!.AsArray().Single()!);
        Assert.Empty(await story.EventsAsync("consent_granted"));
        // Nothing was opened: the holder can still choose, among what there is.
        await story.DepositAsync("posting-order");
        Assert.Single((await story.AcceptAsync(mutation, "defence-housing"))["consents"]!.AsArray());
    }

    [Fact]
    public async Task clocks_of_several_nodes_record_one_effect()
    {
        await using var story = await PostingStory.InToulonAsync();
        var old = await story.GrantAsync(Agencies.AtlasToulon, "defence-housing", await story.DepositAsync("posting-order"));
        var day = (await story.TodayAsync()).AddDays(3);
        var mutation = Guid.Parse((string)(await story.AnnounceAsync("BST-29", day))["id"]!);
        await story.AdvanceAsync(FrenchCalendar.StartOf(day));

        var clock = story.Server.Services.GetRequiredService<MutationClock>();
        var now = await story.Journal.NowAsync();
        // A clock finds what is due by a view, which may be a moment behind.
        Assert.True(await story.Server.Services.GetRequiredService<Subscriptions>().WaitForAsync("mutation_list", (await story.Journal.HeadAsync()).Size, TimeSpan.FromSeconds(30)));
        var taken = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => clock.TakeDueAsync(now))));
        // None of these eight when the server's own clock came first.
        Assert.InRange(taken.Sum(), 0, 1);
        Assert.Single(await story.Journal.FetchStreamAsync(mutation), stored => stored.Type == "mutation_took_effect");
        Assert.Single(await story.Journal.FetchStreamAsync(old), stored => stored.Type == "consent_revoked");
    }

    [Fact]
    public async Task of_many_announcements_at_once_one_stands()
    {
        await using var story = await PostingStory.InToulonAsync();
        var day = (await story.TodayAsync()).AddDays(30);
        var answers = await Task.WhenAll(Enumerable.Range(0, 10).Select(_ =>
            story.Personnel.PostAsJsonAsync("/api/v1/mutations", new { vault = story.Vault, to = "BST-29", effectiveOn = day })));
        Assert.Single(answers, answer => answer.StatusCode == HttpStatusCode.Created);
        Assert.All(answers.Where(answer => answer.StatusCode != HttpStatusCode.Created), answer => Assert.Equal(HttpStatusCode.Conflict, answer.StatusCode));
    }

    [Fact]
    [Trait("Requirement", "R-021")]
    public async Task the_new_space_sees_an_arrival_and_no_document_and_a_cancelled_one_no_more()
    {
        await using var story = await PostingStory.InToulonAsync();
        await story.DepositAsync("posting-order");
        var id = (string)(await story.AnnounceAsync("BST-29", (await story.TodayAsync()).AddDays(30)))["id"]!;
        await story.AcceptAsync(id, "defence-housing");

        var brest = await story.Server.AsAsync("atlas-brest");
        var arrival = (await brest.GetFromJsonAsync<JsonObject>("/api/v1/mutations"))!["items"]!.AsArray().Single()!;
        Assert.Equal((Personas.Holder.Name, "accepted"), ((string)arrival["holder"]!, (string)arrival["state"]!));
        foreach (var hidden in new[] { "vault", "handover", "order", "ended" }) Assert.Null(arrival[hidden]);
        Assert.Empty(arrival["consents"]?.AsArray() ?? []);

        Assert.Equal(HttpStatusCode.OK, (await story.Personnel.PostAsJsonAsync($"/api/v1/mutations/{id}/cancel", new { reason = "Erreur" })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await brest.GetAsync($"/api/v1/mutations/{id}")).StatusCode);
        Assert.Equal("Erreur", (string)(await story.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/mutations/{id}"))!["reason"]!);
        await story.AnnounceAsync("BST-29", (await story.TodayAsync()).AddDays(60));
    }

    [Fact]
    public async Task other_peoples_ids_look_like_none_at_all()
    {
        await using var story = await PostingStory.InToulonAsync();
        var id = (string)(await story.AnnounceAsync("BST-29", (await story.TodayAsync()).AddDays(30)))["id"]!;
        var size = (await story.Journal.HeadAsync()).Size;
        var choice = new { procedures = new[] { new { procedure = "defence-housing" } } };
        var stranger = await story.Server.AsAsync("holder2");
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.GetAsync($"/api/v1/mutations/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await stranger.PostAsJsonAsync($"/api/v1/mutations/{id}/accept", choice)).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await (await story.Server.AsAsync("clerk-caf")).GetAsync($"/api/v1/mutations/{id}")).StatusCode);
        Assert.Equal(HttpStatusCode.Forbidden, (await story.Holder.PostAsJsonAsync($"/api/v1/mutations/{id}/cancel", new { })).StatusCode);
        Assert.Equal(HttpStatusCode.NotFound, (await story.Personnel.PostAsJsonAsync($"/api/v1/mutations/{Guid.NewGuid()}/cancel", new { })).StatusCode);
        Assert.Equal(size, (await story.Journal.HeadAsync()).Size);
    }

    [Theory]
    [InlineData("holder", "/accept", """{"procedures":[{"procedure":"school-enrolment"}]}""", 422)]
    [InlineData("holder", "/accept", """{"procedures":[{"procedure":"defence-housing"}]}""", 422)]
    [InlineData("holder", "/accept", """{"procedures":[{"procedure":"defence-housing","pieces":[{"document":"01980000-c0ff-7e00-8000-000000000009","version":1}]}]}""", 422)]
    [InlineData("holder", "/accept", """{"procedures":null}""", 400)]
    [InlineData("holder", "/accept", """{"procedures":[null]}""", 400)]
    [InlineData("holder", "/accept", """{"procedures":[{"procedure":"defence-housing","pieces":[null]}]}""", 400)]
    [InlineData("holder", "/accept", "{", 400)]
    [InlineData("personnel", "/reschedule", """{"effectiveOn":"2026-02-31"}""", 400)]
    [InlineData("personnel", "/reschedule", """{"effectiveOn":"9999-12-31"}""", 422)]
    [InlineData("personnel", "/reschedule", "{}", 400)]
    [InlineData("personnel", "", """{"vault":"CF-0000-0000-0000","to":"BST-29","effectiveOn":"2027-01-01"}""", 404)]
    [InlineData("personnel", "", """{"vault":null,"to":"BST-29","effectiveOn":"2027-01-01"}""", 400)]
    [InlineData("personnel", "", """{"vault":"CF-0000-0000-0000","to":null,"effectiveOn":"2027-01-01"}""", 400)]
    public async Task malformed_requests_change_nothing(string persona, string path, string body, int status)
    {
        await using var story = await PostingStory.InToulonAsync();
        var id = (string)(await story.AnnounceAsync("BST-29", (await story.TodayAsync()).AddDays(30)))["id"]!;
        var size = (await story.Journal.HeadAsync()).Size;
        using var content = new StringContent(body, Encoding.UTF8, "application/json");
        var answer = await (await story.Server.AsAsync(persona)).PostAsync(path.Length == 0 ? "/api/v1/mutations" : $"/api/v1/mutations/{id}{path}", content);
        Assert.Equal(status, (int)answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType?.MediaType);
        Assert.Equal(size, (await story.Journal.HeadAsync()).Size);
    }
}
