using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;
using CoffreFort.IntegrationTests.Web;
using CoffreFort.Server;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Keys;
using CoffreFort.Transparency;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>An old backup of journal and blobs, restored beside the live keys, gives back everything but what was erased since; and old proofs still verify.</summary>
public sealed class ErasureBackupTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync(seeded: false);
        _scene = await SharingScene.InAsync(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task an_old_backup_gives_back_everything_but_what_was_erased()
    {
        var documents = new List<Guid>();
        for (var i = 0; i < 8; i++) documents.Add(await _scene.DepositAsync(Bytes(i), i % 2 == 0 ? "tax-notice" : "payslip"));
        var proofs = new List<JsonObject>();
        foreach (var document in documents) proofs.Add(await ProofAsync(document));
        var backup = Directory.CreateTempSubdirectory("coffrefort-backup-").FullName;
        await _server.StopAsync();
        var blobs = await _server.Blobs.CopyAsync(backup);
        var cluster = await PostgresCluster.Shared;
        await using var journal = await cluster.CopyAsync(_server.JournalDatabase);
        await using var keys = await cluster.CopyAsync(_server.KeyDatabase);

        var erased = documents.Take(4).ToList();
        await using (var live = await _server.AnotherNodeAsync())
        {
            using var holder = await live.AsAsync("holder");
            foreach (var document in erased) (await holder.DeleteAsync($"/api/v1/documents/{document}?grace=0")).EnsureSuccessStatusCode();
            await AssertStillProvenAsync(live, holder, proofs);
        }

        await PassTheMonthAsync();
        // The key service and its database live on; what stands in them now is what counts.
        await FolderCopy.MakeAsync(Path.Combine(_server.Data, "keyring"), Path.Combine(backup, "keyring"));
        await using (var restored = await CoffreFortServer.OverAsync(journal, _server.KeyDatabase, backup, blobs))
        {
            Assert.Equal(documents.Except(erased), await ReadableAsync(restored, documents, erased));
        }

        await AssertOpensNothingAsync(keys, journal, erased);
        Directory.Delete(backup, recursive: true);
    }

    /// <summary>Those that the holder reads byte for byte; of the others not even the title is there.</summary>
    private static async Task<IReadOnlyList<Guid>> ReadableAsync(CoffreFortServer restored, IReadOnlyList<Guid> documents, IReadOnlyList<Guid> erased)
    {
        var holder = await restored.AsAsync("holder");
        var readable = new List<Guid>();
        foreach (var (document, i) in documents.Select((document, i) => (document, i)))
        {
            var answer = await holder.GetAsync($"/api/v1/documents/{document}/versions/1/content");
            if (answer.StatusCode == HttpStatusCode.OK && (await answer.Content.ReadAsByteArrayAsync()).SequenceEqual(Bytes(i))) readable.Add(document);
            var title = (string?)(await holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["title"];
            Assert.Equal(erased.Contains(document) ? null : "Avis", title);
        }

        return readable;
    }

    /// <summary>The epoch in which the keys were destroyed ends, as it would by the clock: survivors are taken over, and the month's root key is destroyed.</summary>
    private async Task PassTheMonthAsync()
    {
        var clock = new ShellClock();
        clock.Ahead = EpochEnd.EndOf(EpochEnd.Current(clock.GetUtcNow())) + TimeSpan.FromHours(1) - clock.GetUtcNow();
        await using var source = NpgsqlDataSource.Create(_server.KeyDatabase.ApplicationConnectionString);
        await using var database = new KeyDatabase(source);
        var root = _server.Services.GetRequiredService<IRootKey>();
        using var epochs = new EpochKeys(database, root, clock, new ConfigurationBuilder().Build());
        await using var journal = NpgsqlDataSource.Create(_server.JournalDatabase.ApplicationConnectionString);
        var acts = new KeyActs(database, new EventStore.Journal(journal, JournalEvents.Registry));
        var rotation = new EpochRotation(database, epochs, new VaultKeyReplacement(database, epochs), root, acts, new EpochEndSettings(TimeSpan.Zero));
        Assert.Single(await rotation.RunAsync(Actor.Clockwork("test"), null, default));
    }

    /// <summary>The old key database with the live key service: what was erased is dead there too.</summary>
    private async Task AssertOpensNothingAsync(TestDatabase backup, TestDatabase journal, IReadOnlyList<Guid> erased)
    {
        await using var source = NpgsqlDataSource.Create(backup.ApplicationConnectionString);
        await using var database = new KeyDatabase(source);
        using var keyring = FileKeyring.OpenOrCreate(Path.Combine(_server.Data, "keyring"));
        using var epochs = new EpochKeys(database, keyring, TimeProvider.System, new ConfigurationBuilder().Build());
        var store = new KeyStore(database, epochs);
        await using var events = NpgsqlDataSource.Create(journal.ApplicationConnectionString);
        var before = new EventStore.Journal(events, JournalEvents.Registry);
        foreach (var id in erased)
        {
            var document = (await before.AggregateStreamAsync<Document>(id))!;
            var identity = new DocumentIdentity(document.Vault, id, 1);
            await Assert.ThrowsAsync<RootKeyRefused>(() => store.DocumentAsync(identity, document.Latest.Content.Blob, default));
            await Assert.ThrowsAsync<RootKeyRefused>(() => store.SubjectAsync(document.Vault, id, default));
        }
    }

    private static byte[] Bytes(int of) => [.. Enumerable.Range(0, 20_000).Select(i => (byte)(i * (of + 3) % 251))];

    private async Task<JsonObject> ProofAsync(Guid document)
    {
        var receipt = (string)(await _scene.Holder.GetFromJsonAsync<JsonObject>($"/api/v1/documents/{document}"))!["receipt"]!;
        await _server.Services.GetRequiredService<Checkpointer>().CoverAsync((await _server.Journal.HeadAsync()).Size, TimeSpan.FromSeconds(60));
        return (await _scene.Holder.GetFromJsonAsync<JsonObject>(receipt))!;
    }

    /// <summary>The proofs as they were given then, held against the leaves and the log as they stand now.</summary>
    private static async Task AssertStillProvenAsync(CoffreFortServer live, HttpClient holder, IReadOnlyList<JsonObject> receipts)
    {
        await live.Services.GetRequiredService<Checkpointer>().CoverAsync((await live.Journal.HeadAsync()).Size, TimeSpan.FromSeconds(60));
        foreach (var receipt in receipts)
        {
            var checkpoint = Checkpoint.Parse(SignedNote.Parse(Encoding.UTF8.GetBytes((string)receipt["proof"]!["checkpoint"]!)).Text);
            var now = (await holder.GetFromJsonAsync<JsonObject>($"/api/v1/receipts/{receipt["event"]}"))!;
            var leaf = Convert.FromHexString((string)now["leafHash"]!);
            Assert.True(InclusionProof.Verify(
                (long)receipt["proof"]!["index"]!, checkpoint.Size, leaf, [.. receipt["proof"]!["hashes"]!.AsArray().Select(hash => Convert.FromHexString((string)hash!))], checkpoint.Root.Span));
            var on = (await holder.GetFromJsonAsync<JsonObject>($"/api/v1/proofs/consistency?from={checkpoint.Size}"))!;
            Assert.True(ConsistencyProof.Verify(
                (long)on["from"]!, (long)on["to"]!, checkpoint.Root.Span, Convert.FromBase64String((string)on["toRoot"]!),
                [.. on["hashes"]!.AsArray().Select(hash => Convert.FromBase64String((string)hash!))]));
        }

        Assert.DoesNotContain(await new ErasureScene(live).FindingsAsync(), finding => finding.Kind == Server.Operations.Integrity.Finding.Kinds.Damaged);
    }
}
