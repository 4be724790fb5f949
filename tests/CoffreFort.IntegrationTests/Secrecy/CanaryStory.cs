using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Secrecy;

/// <summary>Puts a canary into every place where a person can write something, and uses all of them up in documents.</summary>
internal sealed class CanaryStory(ServerProcess server, Canaries canaries)
{
    private static readonly string[] types = ["family-record-book", "proof-of-address", "bank-details"];

    private readonly Queue<string> left = new(canaries.All);

    public async Task TellAsync()
    {
        using var holder = await server.AsAsync("holder2");
        using var clerk = await server.AsAsync("clerk-caf");
        using var auditor = await server.AsAsync("auditor");
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (await opened.Content.ReadFromJsonAsync<JsonObject>())!;
        var id = (string)vault["id"]!;
        foreach (var type in types) await DepositAsync(holder, id, type);

        var refused = await AskAsync(clerk, vault);
        await SendAsync(holder, $"/api/v1/access-requests/{refused["id"]}/refuse", new { reason = left.Dequeue() });
        var request = await AskAsync(clerk, vault);
        var approved = await SendAsync(holder, $"/api/v1/access-requests/{request["id"]}/approve", new { uses = 10 });
        var consent = (string)approved["consent"]!;
        var evidence = (await clerk.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{consent}/evidence"))!["items"]!.AsArray();
        foreach (var piece in evidence)
            await clerk.GetByteArrayAsync($"/api/v1/consents/{consent}/evidence/{piece!["document"]}/content?reason={left.Dequeue()}");
        await SendAsync(holder, $"/api/v1/consents/{consent}/revoke", new { });
        using (var late = await clerk.GetAsync($"/api/v1/consents/{consent}/evidence/{evidence[0]!["document"]}/content?reason={left.Dequeue()}"))
            Assert.Equal(System.Net.HttpStatusCode.NotFound, late.StatusCode);
        var audit = await SendAsync(auditor, "/api/v1/audits", new { reason = left.Dequeue(), vaults = new[] { id } });
        await auditor.GetStringAsync($"/api/v1/audits/{audit["id"]}/timeline?vault={id}");

        // Bad requests are where a log is most talkative.
        using (await holder.PostAsync($"/api/v1/vaults/{id}/documents?evidenceType={left.Dequeue()}&title={left.Dequeue()}", new StringContent(left.Dequeue()))) { }
        using (await holder.GetAsync($"/api/v1/documents/{left.Dequeue()}?q={left.Dequeue()}")) { }
        using (await clerk.PostAsync("/api/v1/access-requests", new StringContent($"{{\"vault\": \"{left.Dequeue()}", Encoding.UTF8, "application/json"))) { }
        using (var odd = new HttpRequestMessage(HttpMethod.Get, "/api/v1/vaults"))
        {
            odd.Headers.TryAddWithoutValidation("User-Agent", left.Dequeue());
            odd.Headers.TryAddWithoutValidation("Referer", $"http://127.0.0.1/{left.Dequeue()}");
            odd.Headers.TryAddWithoutValidation("Cookie", $"other={left.Dequeue()}");
            odd.Headers.TryAddWithoutValidation("traceparent", left.Dequeue());
            using var answer = await holder.SendAsync(odd);
        }

        while (left.Count >= 4) await DepositAsync(holder, id, types[left.Count % types.Length]);
    }

    /// <summary>One canary in the content many times, one in the title, one in the file's name; read back, and given another title.</summary>
    private async Task DepositAsync(HttpClient holder, string vault, string type)
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(left.Dequeue() + "\n", 3000)));
        var today = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var path = $"/api/v1/vaults/{vault}/documents?evidenceType={type}&issuedOn={today}&title={left.Dequeue()}&fileName={left.Dequeue()}.txt";
        using var deposited = await holder.PostAsync(path, new ByteArrayContent(content));
        deposited.EnsureSuccessStatusCode();
        var id = (string)(await deposited.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        Assert.Equal(content, await holder.GetByteArrayAsync($"/api/v1/documents/{id}/versions/1/content"));
        using var renamed = await holder.PatchAsJsonAsync($"/api/v1/documents/{id}", new { title = left.Dequeue() });
        renamed.EnsureSuccessStatusCode();
    }

    private Task<JsonObject> AskAsync(HttpClient clerk, JsonObject vault) =>
        SendAsync(clerk, "/api/v1/access-requests", new { vault = (string)vault["address"]!, procedure = "removal-bonus", message = left.Dequeue() });

    private static async Task<JsonObject> SendAsync(HttpClient client, string path, object body)
    {
        using var answer = await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }
}
