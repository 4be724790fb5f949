using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.Server.Demo;

namespace CoffreFort.IntegrationTests.Features;

/// <summary>The demo's holder with a vault and a document or two, and the clerks who may be let in.</summary>
internal sealed class SharingScene
{
    private SharingScene(CoffreFortServer server, HttpClient holder, HttpClient clerk, Guid vault) => (Server, Holder, Clerk, Vault) = (server, holder, clerk, vault);

    public CoffreFortServer Server { get; }

    public HttpClient Holder { get; }

    /// <summary>The town hall's.</summary>
    public HttpClient Clerk { get; }

    public Guid Vault { get; }

    public static async Task<SharingScene> InAsync(CoffreFortServer server)
    {
        var holder = await server.AsAsync("holder");
        var opened = await (await holder.PostAsync("/api/v1/vaults", null)).Content.ReadFromJsonAsync<JsonObject>();
        return new SharingScene(server, holder, await server.AsAsync("clerk-town"), (Guid)opened!["id"]!);
    }

    public async Task<Guid> DepositAsync(byte[] bytes, string evidenceType = "tax-notice", string more = "")
    {
        var answer = await Holder.PostAsync($"/api/v1/vaults/{Vault}/documents?evidenceType={evidenceType}&title=Avis{more}", new ByteArrayContent(bytes));
        answer.EnsureSuccessStatusCode();
        return (Guid)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
    }

    public async Task<JsonObject> GrantAsync(object terms)
    {
        var answer = await Holder.PostAsJsonAsync("/api/v1/consents", terms);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync());
        return (await answer.Content.ReadFromJsonAsync<JsonObject>())!;
    }

    public async Task<Guid> GrantAsync(Guid document, int uses = 1000) => (Guid)(await GrantAsync(new
    {
        grantee = Agencies.TownBrest.Id, procedure = "family-portal", pieces = new[] { new { document } }, uses,
    }))["id"]!;

    public Task<HttpResponseMessage> ReadAsync(Guid consent, Guid document, string query = "reason=Tarif", HttpClient? clerk = null) =>
        (clerk ?? Clerk).GetAsync($"/api/v1/consents/{consent}/evidence/{document}/content?{query}");

    public async Task RevokeAsync(Guid consent) => (await Holder.PostAsync($"/api/v1/consents/{consent}/revoke", null)).EnsureSuccessStatusCode();

    public async Task<JsonArray> UsageAsync(string query = "") =>
        (await Holder.GetFromJsonAsync<JsonObject>($"/api/v1/usage?vault={Vault}&{query}"))!["items"]!.AsArray();

    public static async Task<string?> CodeAsync(HttpResponseMessage answer) => (string?)(await answer.Content.ReadFromJsonAsync<JsonObject>())!["code"];
}
