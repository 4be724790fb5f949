using System.Net.Http.Json;
using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Features.Signatures;

namespace CoffreFort.IntegrationTests.Authorisation;

/// <summary>One of everything that routes name, in the hands of known people: Camille's (holder), asked for and read by the CAF.</summary>
internal sealed class World(CoffreFortServer server)
{
    private readonly Dictionary<string, string> _ids = [];

    /// <summary>The value for a route's parameter: <c>id</c> means something else under each first segment.</summary>
    public string Value(string route, string parameter)
    {
        var key = parameter switch
        {
            "id" => route.Split('/').SkipWhile(part => part is "" or "api" or "v1" or "agency").First(),
            _ => parameter,
        };
        return _ids.TryGetValue(key, out var value) ? value : throw new InvalidOperationException($"The world has no '{key}' for {{{parameter}}} of {route}: add it to World.cs.");
    }

    public static async Task<World> MakeAsync(CoffreFortServer server)
    {
        var world = new World(server);
        await world.MakeDocumentAsync();
        await world.MakeConsentAsync();
        await world.MakeOthersAsync();
        await world.WaitForTheLogAsync();
        return world;
    }

    private async Task MakeDocumentAsync()
    {
        using var holder = await server.AsAsync("holder");
        using var issuer = new DetachedScene(Path.Combine(server.Data, "demo-issuers"));
        var vault = await SendAsync(holder, "/api/v1/vaults", null);
        _ids["vault"] = (string)vault["id"]!;
        foreach (var type in new[] { "family-record-book", "proof-of-address", "bank-details", "posting-order" })
        {
            var specimen = "%PDF-1.4 specimen"u8.ToArray();
            using var body = DetachedScene.Form(("document", specimen), ("signature", issuer.Sign(specimen)));
            var document = await SendAsync(holder, $"/api/v1/vaults/{vault["id"]}/documents?evidenceType={type}&title={type}", body);
            _ids["document"] = _ids["documents"] = (string)document["id"]!;
            _ids["event"] = _ids["receipts"] = ((string)document["receipt"]!).Split('/')[^1];
        }

        using var forgotten = new ByteArrayContent("%PDF-1.4 specimen"u8.ToArray());
        var erased = await SendAsync(holder, $"/api/v1/vaults/{vault["id"]}/documents?evidenceType=payslip&title=payslip", forgotten);
        _ids["subject"] = (string)erased["id"]!;
        (await holder.DeleteAsync(new Uri($"/api/v1/documents/{_ids["subject"]}?grace=0", UriKind.Relative))).EnsureSuccessStatusCode();
        _ids["version"] = "1";
        // Nobody's: dismissing them changes nothing for the people of the table.
        _ids["clerk"] = Guid.Empty.ToString();
        _ids["code"] = "removal-bonus";
        _ids["key"] = "holder";
        _ids["status"] = "503";
        _ids["language"] = "en";
        _ids["documentName"] = "v1";
        // No restored journal was accepted: only the first log is there.
        _ids["continuation"] = "continued-20260101T000000Z";
    }

    private async Task MakeConsentAsync()
    {
        using var holder = await server.AsAsync("holder");
        using var clerk = await server.AsAsync("clerk-caf");
        var first = await SendAsync(clerk, "/api/v1/access-requests", new { vault = _ids["vault"], procedure = "removal-bonus" });
        // Asked before the first is answered: what a consent covers is not asked again.
        var second = await SendAsync(clerk, "/api/v1/access-requests", new { vault = _ids["vault"], procedure = "removal-bonus" });
        var approved = await SendAsync(holder, $"/api/v1/access-requests/{first["id"]}/approve", new { uses = 100 });
        _ids["consents"] = _ids["shares"] = (string)approved["consent"]!;
        var evidence = await clerk.GetFromJsonAsync<JsonObject>($"/api/v1/consents/{approved["consent"]}/evidence");
        _ids["document-of-consent"] = (string)evidence!["items"]![0]!["document"]!;
        await clerk.GetByteArrayAsync($"/api/v1/consents/{approved["consent"]}/evidence/{_ids["document-of-consent"]}/content?reason=instruction");
        _ids["access-requests"] = _ids["requests"] = (string)second["id"]!;
    }

    private async Task MakeOthersAsync()
    {
        using var personnel = await server.AsAsync("personnel");
        using var auditor = await server.AsAsync("auditor");
        var agencies = await auditor.GetFromJsonAsync<JsonObject>("/api/v1/agencies");
        var brest = agencies!["items"]!.AsArray().First(agency => (string?)agency!["garrison"] == "Brest")!;
        _ids["agencies"] = (string)agencies["items"]![0]!["id"]!;
        using (var caf = await server.AsAsync("clerk-caf"))
            _ids["fingerprint"] = (string)(await SendAsync(caf, $"/api/v1/agencies/{_ids["agencies"]}/certificates", new { certificate = Features.Consents.AgencyKey.Make().ExportCertificatePem() }))["items"]![0]!["fingerprint"]!;
        var mutation = await SendAsync(personnel, "/api/v1/mutations", new { vault = _ids["vault"], to = (string)brest["id"]!, effectiveOn = DateTime.UtcNow.AddMonths(5).ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture) });
        _ids["mutations"] = _ids["postings"] = (string)mutation["id"]!;
        var audit = await SendAsync(auditor, "/api/v1/audits", new { reason = "contrôle annuel", allVaults = true });
        _ids["audits"] = (string)audit["id"]!;
    }

    /// <summary>A tile that a published checkpoint has, and the checkpoint covers all that was made here.</summary>
    private async Task WaitForTheLogAsync()
    {
        using var anonymous = server.Anonymous();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var head = (await server.Journal.HeadAsync(limit.Token)).Size;
        long size = 0;
        while (size < head)
        {
            using var answer = await anonymous.GetAsync(new Uri("/log/checkpoint", UriKind.Relative), limit.Token);
            if (answer.IsSuccessStatusCode) size = long.Parse((await answer.Content.ReadAsStringAsync(limit.Token)).Split('\n')[1], System.Globalization.CultureInfo.InvariantCulture);
            if (size < head) await Task.Delay(50, limit.Token);
        }

        _ids["path"] = new Transparency.TileCoordinates(0, 0, (int)Math.Min(size, 256)).ToString();
    }

    private static async Task<JsonObject> SendAsync(HttpClient client, string path, object? body)
    {
        using var content = body as HttpContent ?? (body is null ? null : JsonContent.Create(body));
        using var answer = await client.PostAsync(path, content);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }
}
