using System.Net;
using System.Net.Http.Json;
using System.Security.Cryptography;
using System.Text.Json.Nodes;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>Holds what the load was told against what there is: each acknowledged write once, each other at most once.</summary>
internal static class LoadCheck
{
    public const string Holder = "holder2";
    public const string Clerk = "clerk-caf";

    /// <summary>Sends some of the writes whose outcome nobody knows again, and some that were acknowledged: each must have happened once.</summary>
    public static async Task SettleAsync(MixedLoad load, ServerProcess server, IEnumerable<Deed> since, Random random)
    {
        var deeds = since.ToList();
        using var holder = await server.AsAsync(Holder);
        using var clerk = await server.AsAsync(Clerk);
        var again = deeds.Where(deed => deed.IsUnknown && random.Next(2) == 0).Concat(deeds.Where(deed => deed.Acknowledged).Take(2)).ToList();
        foreach (var deed in again)
        {
            if (!await IsAnsweredAsync(deed, deed.Persona == Clerk ? clerk : holder)) load.Surprises.Enqueue("The server did not answer a repeated write.");
        }
    }

    public static async Task<List<string>> FaultsAsync(MixedLoad load, ServerProcess server, IReadOnlyCollection<LoadDocument> documents, IReadOnlyCollection<LoadConsent> consents)
    {
        using var holder = await server.AsAsync(Holder);
        using var clerk = await server.AsAsync(Clerk);
        List<string> faults = [.. load.Surprises.Select(surprise => $"load: {surprise}")];
        var listed = (await AllAsync(holder, $"/api/v1/vaults/{load.Vault}/documents?limit=200")).ToLookup(item => (string)item["title"]!);
        foreach (var document in documents) faults.AddRange(await DocumentFaultsAsync(document, [.. listed[document.Title]], holder));
        foreach (var consent in consents) faults.AddRange(await ConsentFaultsAsync(consent, clerk));
        faults.AddRange(await ReadFaultsAsync(load, server));
        return faults;
    }

    public static bool IsOf(MixedLoad load, string document, byte[] bytes)
    {
        // The answer to the deposit may still be on its way while the document can be read already.
        var hash = Convert.ToHexString(SHA256.HashData(bytes));
        return load.Documents.Any(one =>
            (!one.Deposit.Acknowledged || one.Id == document) && one.Versions.Any(version => version.Bytes.Length == bytes.Length && version.Bytes.Hash() == hash));
    }

    private static async Task<List<string>> DocumentFaultsAsync(LoadDocument document, List<JsonObject> found, HttpClient holder)
    {
        var acknowledged = document.Deposit.Acknowledged;
        if (found.Count > 1) return [$"document: '{document.Title}' is there {found.Count} times"];
        if (found.Count == 0) return acknowledged ? [$"document: '{document.Title}' was acknowledged and isn't there"] : [];
        var id = (string)found[0]["id"]!;
        if (acknowledged && id != document.Id) return [$"document: '{document.Title}' is {id}, and was acknowledged as {document.Id}"];
        var stored = new List<string>();
        for (var number = 1; number <= (int)found[0]["version"]!; number++)
        {
            using var answer = await AskAsync(holder, $"/api/v1/documents/{id}/versions/{number}/content");
            var bytes = await answer.EnsureSuccessStatusCode().Content.ReadAsByteArrayAsync();
            Interlocked.Increment(ref document.ReadsSeen);
            stored.Add(Convert.ToHexString(SHA256.HashData(bytes)));
        }

        // In their order, each acknowledged one must be there, and nothing that was not asked for.
        var next = 0;
        foreach (var (deed, bytes) in document.Versions)
        {
            if (next < stored.Count && stored[next] == bytes.Hash()) next++;
            else if (deed.Acknowledged) return [$"document: a version of '{document.Title}' was acknowledged and isn't there byte for byte"];
        }

        return next == stored.Count ? [] : [$"document: '{document.Title}' has {stored.Count} versions, of which {next} were asked for"];
    }

    private static async Task<List<string>> ConsentFaultsAsync(LoadConsent consent, HttpClient clerk)
    {
        if (consent.Revoke is { Acknowledged: false }) return [];
        using var answer = await AskAsync(clerk, $"/api/v1/consents/{consent.Id}/evidence");
        var wanted = consent.Revoke is null ? HttpStatusCode.OK : HttpStatusCode.NotFound;
        return answer.StatusCode == wanted ? [] : [$"consent: {consent.Id}, {(consent.Revoke is null ? "granted" : "revoked")}, answers {(int)answer.StatusCode} to its clerk"];
    }

    /// <summary>No byte without a record, and no record of a read after the revocation.</summary>
    private static async Task<List<string>> ReadFaultsAsync(MixedLoad load, ServerProcess server)
    {
        await using var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        var faults = new List<string>();
        var read = await CountsAsync(owner, "select stream_id::text, count(*) from coffrefort.mt_events where type = 'document_read' group by 1");
        faults.AddRange(load.Documents.Where(one => one.Deposit.Acknowledged && one.ReadsSeen > read.GetValueOrDefault(one.Id))
            .Select(one => $"read: {one.Id} was read {one.ReadsSeen} times, of which {read.GetValueOrDefault(one.Id)} were recorded"));
        var evidence = await CountsAsync(owner, "select stream_id::text, count(*) from coffrefort.mt_events where type = 'evidence_read' group by 1");
        faults.AddRange(load.Consents.Values.Where(one => one.ReadsSeen > evidence.GetValueOrDefault(one.Id))
            .Select(one => $"read: under consent {one.Id} {one.ReadsSeen} answers began, of which {evidence.GetValueOrDefault(one.Id)} were recorded"));
        var late = await CountsAsync(owner, """
            select r.stream_id::text, count(*) from coffrefort.mt_events r
            join coffrefort.mt_events e on e.stream_id = r.stream_id and e.type = 'evidence_read' and e.seq_id > r.seq_id
            where r.type = 'consent_revoked' group by 1
            """);
        faults.AddRange(late.Select(one => $"read: {one.Value} reads under consent {one.Key} are recorded after its revocation"));
        return faults;
    }

    /// <summary>How often each kind of act is in the journal, beside how often it was acknowledged and how often asked for.</summary>
    public static async Task<List<string>> CountFaultsAsync(MixedLoad load, ServerProcess server, IReadOnlyDictionary<string, long> before)
    {
        await using var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        var counted = await EventCountsAsync(owner);
        var approvals = load.Requests.Select(one => one.Approve).OfType<Deed>();
        var revocations = load.Consents.Values.Select(one => one.Revoke).OfType<Deed>();
        (string Type, List<Deed> Deeds)[] kinds =
        [
            ("document_deposited", [.. load.Documents.Select(one => one.Deposit)]),
            ("version_deposited", [.. load.Documents.SelectMany(one => one.Versions.Skip(1)).Select(version => version.Deed)]),
            ("access_requested", [.. load.Requests.Select(one => one.Ask)]),
            ("access_approved", [.. approvals]),
            ("consent_revoked", [.. revocations]),
        ];
        return
        [
            .. from kind in kinds
               let count = counted.GetValueOrDefault(kind.Type) - before.GetValueOrDefault(kind.Type)
               let acknowledged = kind.Deeds.Count(deed => deed.Acknowledged)
               let unknown = kind.Deeds.Count(deed => deed.IsUnknown)
               where count < acknowledged || count > acknowledged + unknown
               select $"count: {count} {kind.Type} in the journal, {acknowledged} acknowledged and {unknown} unknown",
        ];
    }

    public static Task<Dictionary<string, long>> EventCountsAsync(NpgsqlDataSource owner) =>
        CountsAsync(owner, "select type, count(*) from coffrefort.mt_events group by 1");

    private static async Task<Dictionary<string, long>> CountsAsync(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var counts = new Dictionary<string, long>();
        while (await reader.ReadAsync()) counts.Add(reader.GetString(0), reader.GetInt64(1));
        return counts;
    }

    private static async Task<List<JsonObject>> AllAsync(HttpClient client, string? path)
    {
        var items = new List<JsonObject>();
        for (; path is not null;)
        {
            using var answer = await AskAsync(client, path);
            var page = (await answer.EnsureSuccessStatusCode().Content.ReadFromJsonAsync<JsonObject>())!;
            items.AddRange(page["items"]!.AsArray().Select(item => item!.AsObject()));
            path = (string?)page["next"];
        }

        return items;
    }

    /// <summary>After a crash of the database a node may still say 503 while it comes back, and means that one should ask again.</summary>
    private static async Task<HttpResponseMessage> AskAsync(HttpClient client, string path)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); ; await Task.Delay(20))
        {
            var answer = await client.GetAsync(path);
            if (answer.StatusCode != HttpStatusCode.ServiceUnavailable || DateTime.UtcNow > deadline) return answer;
            answer.Dispose();
        }
    }

    private static async Task<bool> IsAnsweredAsync(Deed deed, HttpClient client)
    {
        for (var deadline = DateTime.UtcNow.AddSeconds(30); DateTime.UtcNow < deadline; await Task.Delay(20))
            if (await deed.SendAsync(client)) return true;
        return false;
    }
}
