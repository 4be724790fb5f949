using System.Collections.Concurrent;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>What people do all day, on several connections at once, and what they were told of it.</summary>
internal sealed class MixedLoad(string vault, string address, LoadSize size)
{
    public const int Callers = 4;
    private static readonly string[] types = ["family-record-book", "proof-of-address", "bank-details"];

    private int documents;

    public string Vault => vault;

    public ConcurrentBag<LoadDocument> Documents { get; } = [];

    public ConcurrentBag<LoadRequest> Requests { get; } = [];

    public ConcurrentDictionary<string, LoadConsent> Consents { get; } = new();

    /// <summary>All writes.</summary>
    public ConcurrentQueue<Deed> Deeds { get; } = [];

    /// <summary>How many reads of the load were answered with the right bytes.</summary>
    public int Reads;

    /// <summary>Answers that no fault excuses.</summary>
    public ConcurrentQueue<string> Surprises { get; } = [];

    /// <summary>Works until every node was found gone, or the round has done its share.</summary>
    public Task RunAsync(IReadOnlyList<ServerProcess> nodes, int seed) =>
        Task.WhenAll(Enumerable.Range(0, Callers).Select(caller => Task.Run(() => CallAsync([.. nodes.Skip(caller % nodes.Count), .. nodes.Take(caller % nodes.Count)], new Random(HashCode.Combine(seed, caller))))));

    /// <summary>Whoever finds a node gone goes on at the next.</summary>
    private async Task CallAsync(ServerProcess[] nodes, Random random)
    {
        var left = size.DeedsEach;
        foreach (var node in nodes) left = await CallAsync(node, left, random);
    }

    /// <returns>How much of the share is left to do.</returns>
    private async Task<int> CallAsync(ServerProcess node, int left, Random random)
    {
        try
        {
            using var holder = await node.AsAsync(LoadCheck.Holder);
            using var clerk = await node.AsAsync(LoadCheck.Clerk);
            while (left > 0)
            {
                left--;
                if (!await ActAsync(holder, clerk, random)) break;
            }
        }
        catch (Exception gone) when (gone is HttpRequestException or IOException or TaskCanceledException)
        {
        }
        catch (InvalidOperationException surprise)
        {
            Surprises.Enqueue(surprise.Message);
        }

        return left;
    }

    private Task<bool> ActAsync(HttpClient holder, HttpClient clerk, Random random) => random.Next(100) switch
    {
        < 30 => DepositAsync(holder, random),
        < 45 => NewVersionAsync(holder, random),
        < 65 => ReadAsync(holder, random),
        < 72 => AskAsync(clerk),
        < 80 => ApproveAsync(holder, random),
        < 95 => ReadEvidenceAsync(clerk, random),
        _ => RevokeAsync(holder, random),
    };

    private async Task<bool> DepositAsync(HttpClient holder, Random random)
    {
        var title = $"Pièce {Interlocked.Increment(ref documents)}";
        var bytes = SomeBytes(random);
        var type = types[random.Next(types.Length)];
        var today = DateTime.UtcNow.ToString("yyyy-MM-dd", System.Globalization.CultureInfo.InvariantCulture);
        var deed = Plan(LoadCheck.Holder, $"/api/v1/vaults/{vault}/documents?evidenceType={type}&issuedOn={today}&title={Uri.EscapeDataString(title)}", () => new ByteArrayContent(bytes.Make()));
        Documents.Add(new LoadDocument(title, deed, bytes));
        return await deed.SendAsync(holder);
    }

    private async Task<bool> NewVersionAsync(HttpClient holder, Random random)
    {
        if (Pick(Documents.Where(one => one.Deposit.Acknowledged), random) is not { } document || !document.TryBegin()) return true;
        try
        {
            // One whose outcome is not known yet may still be sent again, and would then come after this one.
            if (document.Versions.Last().Deed.IsUnknown) return true;
            var bytes = SomeBytes(random);
            var deed = Plan(LoadCheck.Holder, $"/api/v1/documents/{document.Id}/versions", () => new ByteArrayContent(bytes.Make()));
            document.Versions.Enqueue((deed, bytes));
            return await deed.SendAsync(holder);
        }
        finally
        {
            document.End();
        }
    }

    private async Task<bool> ReadAsync(HttpClient holder, Random random)
    {
        if (Pick(Documents.Where(one => one.Deposit.Acknowledged), random) is not { } document) return true;
        var whole = document.Versions.First().Bytes.Make();
        var from = random.Next(whole.Length);
        var to = random.Next(from, whole.Length);
        var ranged = random.Next(2) == 0;
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/api/v1/documents/{document.Id}/versions/1/content");
        if (ranged) request.Headers.Range = new RangeHeaderValue(from, to);
        using var answer = await holder.SendAsync(request, HttpCompletionOption.ResponseHeadersRead);
        if (answer.StatusCode == HttpStatusCode.Conflict) return true;
        if (answer.StatusCode == HttpStatusCode.ServiceUnavailable) return false;
        if (!answer.IsSuccessStatusCode) throw new InvalidOperationException($"Reading {document.Id} gave {(int)answer.StatusCode}.");
        Interlocked.Increment(ref document.ReadsSeen);
        var read = await answer.Content.ReadAsByteArrayAsync();
        if (!read.AsSpan().SequenceEqual(ranged ? whole.AsSpan(from, to - from + 1) : whole)) throw new InvalidOperationException($"Document {document.Id} reads otherwise than it was deposited.");
        Interlocked.Increment(ref Reads);
        return true;
    }

    private async Task<bool> AskAsync(HttpClient clerk)
    {
        var deed = Plan(LoadCheck.Clerk, "/api/v1/access-requests", () => Deed.Json(new { vault = address, procedure = "removal-bonus", message = "Pour votre prime" }));
        Requests.Add(new LoadRequest(deed));
        return await deed.SendAsync(clerk);
    }

    private async Task<bool> ApproveAsync(HttpClient holder, Random random)
    {
        var pending = Requests.Where(one => one.Approve is null && (string?)one.Ask.Answer?["state"] == "pending").ToList();
        if (Pick(pending, random) is not { } request) return true;
        lock (request)
        {
            if (request.Approve is not null) return true;
            request.Approve = Plan(LoadCheck.Holder, $"/api/v1/access-requests/{request.Id}/approve", () => Deed.Json(new { uses = 1000 }));
        }

        return await request.Approve.SendAsync(holder);
    }

    private async Task<bool> ReadEvidenceAsync(HttpClient clerk, Random random)
    {
        if (Pick(KnownConsents(), random) is not { } consent) return true;
        using var list = await clerk.GetAsync($"/api/v1/consents/{consent.Id}/evidence");
        if (!list.IsSuccessStatusCode) return Excused(consent, list.StatusCode);
        var piece = Pick(JsonNode.Parse(await list.Content.ReadAsStringAsync())!["items"]!.AsArray().OfType<JsonNode>(), random)!;
        var revokedBefore = consent.Revoke?.Acknowledged == true;
        using var answer = await clerk.GetAsync($"/api/v1/consents/{consent.Id}/evidence/{piece["document"]}/content?reason=Instruction", HttpCompletionOption.ResponseHeadersRead);
        if (!answer.IsSuccessStatusCode) return Excused(consent, answer.StatusCode);
        if (revokedBefore) throw new InvalidOperationException($"Consent {consent.Id} was read after its revocation was acknowledged.");
        Interlocked.Increment(ref consent.ReadsSeen);
        var bytes = await answer.Content.ReadAsByteArrayAsync();
        if (!LoadCheck.IsOf(this, (string)piece["document"]!, bytes)) throw new InvalidOperationException($"Evidence {piece["document"]} reads otherwise than it was deposited.");
        Interlocked.Increment(ref Reads);
        return true;
    }

    private async Task<bool> RevokeAsync(HttpClient holder, Random random)
    {
        // One that a fault left without an answer too: else that consent would answer every later request, and nothing be approved any more.
        if (Pick(KnownConsents().Where(one => one.Revoke is null or { IsUnknown: true }), random) is not { } consent || !consent.TryBegin()) return true;
        try
        {
            consent.Revoke ??= Plan(LoadCheck.Holder, $"/api/v1/consents/{consent.Id}/revoke", () => null);
            return await consent.Revoke.SendAsync(holder);
        }
        finally
        {
            consent.End();
        }
    }

    public IEnumerable<LoadConsent> KnownConsents() =>
        Requests.Where(one => one.Consent is not null).Select(one => Consents.GetOrAdd(one.Consent!, id => new LoadConsent(id))).Distinct();

    private static bool Excused(LoadConsent consent, HttpStatusCode status) =>
        status == HttpStatusCode.ServiceUnavailable ? false
        : status == HttpStatusCode.Conflict || (status == HttpStatusCode.NotFound && consent.Revoke is not null) ? true
        : throw new InvalidOperationException($"Reading under consent {consent.Id} gave {(int)status}.");

    private Deed Plan(string persona, string path, Func<HttpContent?> content)
    {
        var deed = new Deed(persona, path, content);
        Deeds.Enqueue(deed);
        return deed;
    }

    /// <summary>From 1 KB on, as many small ones as large ones on a logarithmic scale.</summary>
    private Bytes SomeBytes(Random random) => new(random.Next(), (int)(1000 * Math.Pow(size.LargestContent / 1000.0, random.NextDouble())));

    private static T? Pick<T>(IEnumerable<T> from, Random random)
        where T : class
    {
        var all = from.ToList();
        return all.Count == 0 ? null : all[random.Next(all.Count)];
    }
}

/// <summary>How much each caller does in a round, and how long the longest document is.</summary>
internal sealed record LoadSize(int DeedsEach, int LargestContent)
{
    /// <summary>For rounds that take about a second.</summary>
    public static readonly LoadSize Short = new(8, 20_000);

    public static readonly LoadSize Long = new(60, 2_000_000);
}
