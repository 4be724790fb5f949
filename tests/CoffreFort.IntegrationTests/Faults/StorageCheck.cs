using System.Security.Cryptography;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>What must hold after any fault: journal, blobs and projections, each recomputed from what is stored.</summary>
internal static class StorageCheck
{
    /// <summary>Each thing that does not hold, in a line that names it; empty when all holds.</summary>
    /// <param name="server">Ready, and nobody writes through it.</param>
    /// <param name="since">Blobs of events up to this position were checked before.</param>
    public static async Task<List<string>> FaultsAsync(ServerProcess server, long since = 0)
    {
        await using var owner = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        var faults = await JournalFaultsAsync(owner);
        var blobs = new StoredBlobs(server.Data, server.BlobSettings);
        faults.AddRange(await BlobFaultsAsync(owner, blobs, since));
        faults.AddRange(blobs.Unfinished().Select(left => $"blob: {left} is an unfinished upload that nobody writes any more"));
        faults.AddRange(await CursorFaultsAsync(owner));
        faults.AddRange((await ProjectionFold.DifferencesAsync(owner)).Select(difference => $"projection: {difference}"));
        return faults;
    }

    /// <summary>No hole, contiguous streams, and the root recomputed from stored bytes is the head's and each checkpoint's.</summary>
    public static async Task<List<string>> JournalFaultsAsync(NpgsqlDataSource owner)
    {
        var verdict = await JournalVerification.RunAsync(owner);
        return [.. verdict.Damages.Select(damage => $"journal: {damage.Code}: {damage.Message}"), .. await CheckpointFaultsAsync(owner)];
    }

    /// <summary>Each published checkpoint is a prefix of what is stored: so each is consistent with all earlier ones.</summary>
    private static async Task<List<string>> CheckpointFaultsAsync(NpgsqlDataSource owner)
    {
        await using var connection = await owner.OpenConnectionAsync();
        await using var snapshot = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var published = new SortedDictionary<long, string>();
        await using (var notes = new NpgsqlCommand("select size, note from coffrefort.journal_checkpoints", connection))
        await using (var reader = await notes.ExecuteReaderAsync())
            while (await reader.ReadAsync()) published[reader.GetInt64(0)] = reader.GetString(1).Split('\n')[2];
        await using var leaves = new NpgsqlCommand("select leaf_hash from coffrefort.mt_events order by seq_id", connection);
        await using var hashes = await leaves.ExecuteReaderAsync();
        var faults = new List<string>();
        var tree = Transparency.Frontier.Empty;
        foreach (var (size, root) in published)
        {
            while (tree.Size < size && await hashes.ReadAsync()) tree.Append(hashes.GetFieldValue<byte[]>(0));
            if (tree.Size != size || Convert.ToBase64String(tree.Root()) != root) faults.Add($"checkpoint: the one of size {size} is not of what is stored");
        }

        return faults;
    }

    /// <summary>No event without its blob: there, as long as the event says, and with the hash that the event says.</summary>
    private static async Task<List<string>> BlobFaultsAsync(NpgsqlDataSource owner, StoredBlobs blobs, long since)
    {
        await using var command = owner.CreateCommand("select seq_id, data::text from coffrefort.mt_events where seq_id > $1 and type in ('document_deposited', 'version_deposited') order by seq_id");
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = since });
        await using var reader = await command.ExecuteReaderAsync();
        var faults = new List<string>();
        while (await reader.ReadAsync())
        {
            var content = Parse(reader.GetString(1))?["content"];
            if (content is null)
            {
                faults.Add($"blob: event {reader.GetInt64(0)} names none");
                continue;
            }

            var name = (string)content["blob"]!;
            var stored = await blobs.ReadAsync(name);
            var finding = stored is null ? "is missing"
                : stored.Length != (long)content["sealedSize"]! ? $"is {stored.Length} bytes long"
                : Convert.ToHexStringLower(SHA256.HashData(stored)) != (string)content["ciphertextSha256"]! ? "is not what was sealed"
                : null;
            if (finding is not null) faults.Add($"blob: {name} of event {reader.GetInt64(0)} {finding}");
        }

        return faults;
    }

    /// <summary>A view that stands still without a word is as wrong as one that tells something else; one that is only late is waited for.</summary>
    public static async Task<List<string>> CursorFaultsAsync(NpgsqlDataSource owner)
    {
        const string elsewhere = """
            select name, last_seq_id, size from coffrefort.mt_event_progression, coffrefort.journal_head where last_seq_id <> size
            """;
        for (var deadline = DateTime.UtcNow.AddSeconds(20); ; await Task.Delay(20))
        {
            await using var command = owner.CreateCommand(elsewhere);
            await using var reader = await command.ExecuteReaderAsync();
            var faults = new List<string>();
            var late = true;
            while (await reader.ReadAsync())
            {
                faults.Add($"projection: {reader.GetString(0)} stands at {reader.GetInt64(1)} of {reader.GetInt64(2)}");
                late &= reader.GetInt64(1) < reader.GetInt64(2);
            }

            if (faults.Count == 0 || !late || DateTime.UtcNow > deadline) return faults;
        }
    }

    private static JsonNode? Parse(string data)
    {
        try
        {
            return JsonNode.Parse(data);
        }
        catch (System.Text.Json.JsonException)
        {
            return null;
        }
    }
}
