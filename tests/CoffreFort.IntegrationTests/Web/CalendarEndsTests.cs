using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Demo;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>The calendar's first and last days, wherever a day or an instant can be given: an answer or a refusal, never a fault, and no view stops.</summary>
public sealed class CalendarEndsTests
{
    private static readonly string[] Days = ["0001-01-01", "9999-12-31"];
    private static readonly string[] Instants = ["0001-01-01T00:00:00Z", "9999-12-31T23:59:59.9999999Z", "2027-01-01T00:00:00+05:30"];

    [Fact]
    public async Task no_day_and_no_instant_is_a_fault()
    {
        await using var server = await CoffreFortServer.StartAsync();
        using var holder = await server.AsAsync("holder");
        using var auditor = await server.AsAsync("auditor");
        var vault = (string)(await AnswerAsync(holder.PostAsync("/api/v1/vaults", null)))["id"]!;
        foreach (var (type, dates) in new[] { ("identity-card", "issuedOn=0001-01-01"), ("proof-of-address", "issuedOn=9999-12-31"), ("tax-notice", "expiresOn=0001-01-01"), ("identity-card", "expiresOn=9999-12-30") })
            await AnswerAsync(holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType={type}&title=a&{dates}", new ByteArrayContent([1])));
        var audit = (string)(await AnswerAsync(auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "contrôle", allVaults = true })))["id"]!;

        foreach (var day in Days)
        {
            using var checkedOn = await holder.GetAsync($"/api/v1/procedures/school-enrolment/check?vault={vault}&asOf={day}");
            Assert.Equal((HttpStatusCode.UnprocessableEntity, "day-out-of-range"), (checkedOn.StatusCode, (string?)(await checkedOn.Content.ReadFromJsonAsync<JsonObject>())!["code"]));
            await AssertNoFaultAsync(holder.GetAsync($"/usage?Since={day}&To={day}"));
        }

        foreach (var procedure in new[] { "school-enrolment", "family-portal", "removal-costs", "defence-housing", "removal-bonus" })
            foreach (var day in new[] { "1900-01-01", "2999-12-31" })
                await AnswerAsync(holder.GetAsync($"/api/v1/procedures/{procedure}/check?vault={vault}&asOf={day}&situation=has-children&situation=changing-school"));
        foreach (var instant in Instants.Select(Uri.EscapeDataString))
        {
            await AssertNoFaultAsync(auditor.GetAsync($"/api/v1/audits/{audit}/state?vault={vault}&at={instant}"));
            await AssertNoFaultAsync(auditor.GetAsync($"/audits/{audit}?vault={vault}&at={instant}"));
            await AnswerAsync(holder.GetAsync($"/api/v1/usage?vault={vault}&from={instant}&until={instant}"));
        }
    }

    [Fact]
    public async Task no_end_that_somebody_gives_is_a_fault()
    {
        await using var server = await CoffreFortServer.StartAsync();
        using var holder = await server.AsAsync("holder");
        using var clerk = await server.AsAsync("clerk-caf");
        using var keeper = await server.AsAsync("operator");
        using var auditor = await server.AsAsync("auditor");
        using var personnel = await server.AsAsync("personnel");
        var vault = (string)(await AnswerAsync(holder.PostAsync("/api/v1/vaults", null)))["id"]!;
        foreach (var end in Instants)
        {
            await AnswerAsync(keeper.PostAsJsonAsync($"/api/v1/agencies/{Agencies.CafVar.Id}/procedures", new { procedure = "family-portal", until = end }));
            await AssertNoFaultAsync(holder.PostAsJsonAsync("/api/v1/consents", new { grantee = Agencies.CafVar.Id, procedure = "removal-bonus", evidenceTypes = new[] { "bank-details" }, until = end }));
            await AssertNoFaultAsync(clerk.PostAsJsonAsync("/api/v1/access-requests", new { vault, procedure = "removal-bonus", expires = end }));
            await AssertNoFaultAsync(auditor.PostAsJsonAsync("/api/v1/audits", new { reason = "contrôle", allVaults = true, until = end }));
        }

        foreach (var day in Days)
            await AssertNoFaultAsync(personnel.PostAsJsonAsync("/api/v1/mutations", new { vault, to = "BST-29", effectiveOn = day }));
        // Every view took what of it was taken.
        await AnswerAsync(holder.GetAsync("/api/v1/consents"));
        await AnswerAsync(keeper.GetAsync("/api/v1/agencies"));
        using var ready = await keeper.GetAsync("/health/ready");
        Assert.True(ready.IsSuccessStatusCode, await ready.Content.ReadAsStringAsync());
    }

    private static async Task AssertNoFaultAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        Assert.True((int)answer.StatusCode < 500, $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {await answer.Content.ReadAsStringAsync()}");
    }

    private static async Task<JsonObject> AnswerAsync(Task<HttpResponseMessage> asked)
    {
        using var answer = await asked;
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"{answer.RequestMessage!.RequestUri}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }
}
