using System.Globalization;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Secrecy;

/// <summary>Puts a canary into every place where a person can write something, and uses all of them up in documents.</summary>
/// <param name="open">What goes where docs/stores.md says that it stands in the clear.</param>
internal sealed class CanaryStory(ServerProcess server, Canaries canaries, Canaries open)
{
    private static readonly string[] types = ["family-record-book", "proof-of-address", "bank-details"];

    private readonly Queue<string> left = new(canaries.All);

    /// <summary>Each with what it is.</summary>
    public IReadOnlyDictionary<string, string> InTheClear { get; } =
        new[] { "an agency's name", "a site's code", "a garrison", "the reason of a rotation of keys" }.Zip(open.All.Take(4)).ToDictionary(one => one.First, one => one.Second);

    public async Task TellAsync()
    {
        using var holder = await server.AsAsync("holder2");
        using var clerk = await server.AsAsync("clerk-caf");
        using var auditor = await server.AsAsync("auditor");
        using var opened = await holder.PostAsync("/api/v1/vaults", null);
        var vault = (await opened.Content.ReadFromJsonAsync<JsonObject>())!;
        var id = (string)vault["id"]!;
        foreach (var type in types) await DepositAsync(holder, id, type);

        await SignAsync(holder, id);

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

        await PostAsync((string)vault["address"]!);
        await ShareAndHoldAsync(holder, id);
        await RegisterAsync();
        await RotateAsync();
        await AskBadlyAsync(holder, clerk, id);

        foreach (var type in new[] { "bank-details", "tax-notice" })
            using (await holder.PostAsync($"/api/v1/vaults/{id}/documents?evidenceType={type}&title=Period&period={left.Dequeue()}", new StringContent("x"))) { }
        while (left.Count >= 4) await DepositAsync(holder, id, types[left.Count % types.Length]);
    }

    /// <summary>Bad requests are where a log is most talkative.</summary>
    private async Task AskBadlyAsync(HttpClient holder, HttpClient clerk, string id)
    {
        using (await holder.PostAsync($"/api/v1/vaults/{id}/documents?evidenceType={left.Dequeue()}&title={left.Dequeue()}", new StringContent(left.Dequeue()))) { }
        using (await holder.GetAsync($"/api/v1/documents/{left.Dequeue()}?q={left.Dequeue()}")) { }
        using (await clerk.PostAsync("/api/v1/access-requests", new StringContent($"{{\"vault\": \"{left.Dequeue()}", Encoding.UTF8, "application/json"))) { }
        using (await clerk.PostAsync("/api/v1/access-requests", new StringContent($"{{\"{left.Dequeue()}\": 1}}", Encoding.UTF8, "application/json"))) { }
        using var odd = new HttpRequestMessage(HttpMethod.Get, "/api/v1/vaults");
        odd.Headers.TryAddWithoutValidation("User-Agent", left.Dequeue());
        odd.Headers.TryAddWithoutValidation("Referer", $"http://127.0.0.1/{left.Dequeue()}");
        odd.Headers.TryAddWithoutValidation("Cookie", $"other={left.Dequeue()}");
        odd.Headers.TryAddWithoutValidation("traceparent", left.Dequeue());
        using var answer = await holder.SendAsync(odd);
    }

    /// <summary>A posting with its order, and why it is cancelled.</summary>
    private async Task PostAsync(string address)
    {
        using var personnel = await server.AsAsync("personnel");
        var posting = await SendAsync(personnel, "/api/v1/mutations", new { vault = address, to = "BST-29", effectiveOn = DateTime.UtcNow.AddDays(40).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), order = left.Dequeue() });
        await SendAsync(personnel, $"/api/v1/mutations/{posting["id"]}/cancel", new { reason = left.Dequeue() });
        using (await personnel.PostAsJsonAsync("/api/v1/mutations", new { vault = left.Dequeue(), to = left.Dequeue(), effectiveOn = left.Dequeue() })) { }
    }

    /// <summary>A share with its purpose, a legal hold with its ground, and an erasure at once.</summary>
    private async Task ShareAndHoldAsync(HttpClient holder, string vault)
    {
        using var order = await server.AsAsync("operator");
        var document = (await holder.GetFromJsonAsync<JsonObject>($"/api/v1/vaults/{vault}/documents"))!["items"]![0]!["id"];
        await SendAsync(holder, "/api/v1/consents", new { grantee = Server.Demo.Agencies.CafVar.Id, procedure = "removal-bonus", pieces = new[] { new { document } }, purpose = left.Dequeue() });
        var (review, until) = (DateTime.UtcNow.AddDays(10).ToString("yyyy-MM-dd", CultureInfo.InvariantCulture), DateTimeOffset.UtcNow.AddDays(20));
        using (var held = await order.PostAsJsonAsync("/api/v1/legal-holds", new { subject = document, ground = left.Dequeue(), reviewOn = review, until })) held.EnsureSuccessStatusCode();
        using (await order.PostAsJsonAsync("/api/v1/legal-holds", new { subject = document, ground = left.Dequeue() + new string('x', 600), reviewOn = review, until })) { }
        using (await holder.DeleteAsync($"/api/v1/documents/{document}?grace={left.Dequeue()}")) { }
        using (var lifted = await order.PostAsync($"/api/v1/legal-holds/{document}/lift", null)) lifted.EnsureSuccessStatusCode();
        using (var erased = await holder.DeleteAsync($"/api/v1/documents/{document}?grace=0")) erased.EnsureSuccessStatusCode();
    }

    /// <summary>An agency, whose name is public, and a clerk, whose name is not.</summary>
    private async Task RegisterAsync()
    {
        using var order = await server.AsAsync("operator");
        order.DefaultRequestHeaders.Add("Idempotency-Key", left.Dequeue());
        var agency = await SendAsync(order, "/api/v1/agencies", new
        {
            name = InTheClear["an agency's name"], kind = Server.Features.Agencies.Agency.AtlasKind, siteCode = InTheClear["a site's code"], garrison = InTheClear["a garrison"],
        });
        order.DefaultRequestHeaders.Remove("Idempotency-Key");
        await SendAsync(order, $"/api/v1/agencies/{agency["id"]}/clerks", new { clerk = Guid.NewGuid(), name = left.Dequeue() });
        using (await order.PostAsJsonAsync($"/api/v1/agencies/{agency["id"]}/certificates", new { certificate = left.Dequeue() })) { }
        using (await order.PostAsJsonAsync($"/api/v1/agencies/{agency["id"]}/procedures", new { procedure = left.Dequeue(), evidenceTypes = new[] { left.Dequeue() } })) { }
        using (await order.PostAsJsonAsync("/api/v1/agencies", new { name = left.Dequeue(), kind = left.Dequeue() })) { }
    }

    private async Task RotateAsync()
    {
        string[] settings = [$"ConnectionStrings:Journal={server.JournalDatabase.ApplicationConnectionString}", $"ConnectionStrings:Keys={server.KeyDatabase.ApplicationConnectionString}"];
        var (exit, _, complaints) = await Operations.FsckCommand.OperatorAsync(
            ["keys", "rotate", "--vault", "all", "--reason", InTheClear["the reason of a rotation of keys"], "--data", server.Data, .. settings.SelectMany(one => new[] { "--set", one })]);
        Assert.True(exit == 0, complaints);
    }

    /// <summary>One canary in the content many times, one in the title, one in the file's name; read back, and given another title.</summary>
    private async Task DepositAsync(HttpClient holder, string vault, string type)
    {
        var content = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat(left.Dequeue() + "\n", 3000)));
        var today = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture);
        var path = $"/api/v1/vaults/{vault}/documents?evidenceType={type}&issuedOn={today}&title={left.Dequeue()}&fileName={left.Dequeue()}.txt";
        using var deposited = await holder.PostAsync(path, new ByteArrayContent(content));
        deposited.EnsureSuccessStatusCode();
        var id = (string)(await deposited.Content.ReadFromJsonAsync<JsonObject>())!["id"]!;
        Assert.Equal(content, await holder.GetByteArrayAsync($"/api/v1/documents/{id}/versions/1/content"));
        using var renamed = await holder.PatchAsJsonAsync($"/api/v1/documents/{id}", new { title = left.Dequeue() });
        renamed.EnsureSuccessStatusCode();
    }

    /// <summary>One canary in the name of whoever signed, one in the name of the signature's file, one in that of the document's.</summary>
    private async Task SignAsync(HttpClient holder, string vault)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        using var signer = new CertificateRequest($"CN={left.Dequeue()}", key, HashAlgorithmName.SHA256).CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        var message = new SignedCms(new ContentInfo([1, 2, 3]), detached: true);
        message.ComputeSignature(new CmsSigner(SubjectIdentifierType.IssuerAndSerialNumber, signer) { SignedAttributes = { new Pkcs9SigningTime() } });
        using var form = new MultipartFormDataContent { { new ByteArrayContent(message.Encode()), "signature", left.Dequeue() }, { new ByteArrayContent([1, 2, 3]), "document", left.Dequeue() } };
        using var deposited = await holder.PostAsync($"/api/v1/vaults/{vault}/documents?evidenceType=payslip&title=Signed", form);
        var told = (await deposited.Content.ReadFromJsonAsync<JsonObject>())!;
        Assert.Equal("unrecognised", (string?)told["signature"]!["verdict"]);
        Assert.Equal(message.Encode(), await holder.GetByteArrayAsync($"/api/v1/documents/{told["id"]}/versions/1/signature"));
    }

    private Task<JsonObject> AskAsync(HttpClient clerk, JsonObject vault) =>
        SendAsync(clerk, "/api/v1/access-requests", new { vault = (string)vault["address"]!, procedure = "removal-bonus", message = left.Dequeue() });

    private static async Task<JsonObject> SendAsync(HttpClient client, string path, object body)
    {
        using var answer = body is string plain ? await client.PostAsync(path, new StringContent(plain)) : await client.PostAsJsonAsync(path, body);
        var text = await answer.Content.ReadAsStringAsync();
        Assert.True(answer.IsSuccessStatusCode, $"POST {path}: {(int)answer.StatusCode} {text}");
        return JsonNode.Parse(text)!.AsObject();
    }
}
