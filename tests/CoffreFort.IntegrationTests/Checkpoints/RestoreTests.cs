using System.Diagnostics;
using System.Net.Http.Json;
using System.Text.Json;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Operations;
using CoffreFort.IntegrationTests.Witness;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Features.Audits;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Operations;
using CoffreFort.Transparency;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>An older backup is restored under a real server: it does not start, says why, and goes on only by an act that is recorded.</summary>
public sealed class RestoreTests : IAsyncLifetime
{
    private const string Origin = "log.example/restore";

    private readonly string data = Directory.CreateTempSubdirectory("coffrefort-restore-").FullName;
    private TestDatabase journal = null!;
    private TestDatabase keys = null!;
    private StoredBlobs blobs = null!;
    private TestDatabase? restored;
    private WitnessProcess? witness;

    public async Task InitializeAsync()
    {
        blobs = new StoredBlobs(data, await Azurite.SuiteSettingsAsync());
        var cluster = await PostgresCluster.Shared;
        journal = await cluster.CreateDatabaseAsync("journal", async database =>
        {
            await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
            await JournalSchema.MigrateAsync(owner);
        });
        keys = await cluster.CreateDatabaseAsync("keys", async database =>
        {
            await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
            await Server.Keys.KeyDatabase.MigrateAsync(owner, CancellationToken.None);
        });
    }

    public async Task DisposeAsync()
    {
        if (witness is not null) await witness.DisposeAsync();
        foreach (var database in new[] { journal, keys, restored }.OfType<TestDatabase>()) await database.DisposeAsync();
        Directory.Delete(data, recursive: true);
    }

    [Fact]
    [Trait("Requirement", "R-285")]
    public async Task an_older_backup_is_refused_and_goes_on_only_by_a_recorded_act_as_another_log()
    {
        var kept = 0L;
        await RunAsync(journal, async server =>
        {
            await ActAsync(server, 3);
            kept = (await server.Services.GetRequiredService<EventStore.Journal>().HeadAsync()).Size;
        });
        restored = await (await PostgresCluster.Shared).CopyAsync(journal);
        var (lost, proof, leaf) = (default(Checkpoint)!, Array.Empty<byte[]>(), Array.Empty<byte>());
        await RunAsync(journal, async server =>
        {
            await ActAsync(server, 2);
            lost = Opened(server, (await server.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!.Note);
            proof = await server.Services.GetRequiredService<JournalTree>().InclusionProofAsync(kept, lost.Size, CancellationToken.None);
            await foreach (var stored in server.Services.GetRequiredService<EventStore.Journal>().ReadAllAsync(kept, kept + 1)) leaf = stored.LeafHash.ToArray();
        });

        var refusal = await Assert.ThrowsAsync<ForkRefusedException>(() => RunAsync(restored, _ => Task.CompletedTask));
        Assert.Contains($"Events {kept + 1} to {lost.Size} were published and are not there: was the database restored from an older backup?", refusal.Message, StringComparison.Ordinal);
        Assert.Contains("coffrefort accept-restored-journal --reason", refusal.Message, StringComparison.Ordinal);
        Assert.Equal(OperatorExit.Done, await OperatorCommands.RunAsync(["accept-restored-journal", "--reason", "Disque perdu", "--by", "Camille l'exploitante", .. Settings(restored).SelectMany(one => new[] { "--set", one }), "--data", data]));
        Assert.Equal(OperatorExit.Found, await OperatorCommands.RunAsync(["accept-restored-journal", "--reason", "Encore", .. Settings(restored).SelectMany(one => new[] { "--set", one }), "--data", data]));

        await RunAsync(restored, async server =>
        {
            await ActAsync(server, 1);
            var accepted = (await server.Services.GetRequiredService<EventStore.Journal>().AggregateStreamAsync<OperatorActs>(OperatorActs.Stream))!.Accepted!;
            Assert.Equal((kept + 1, lost.Size, kept), (accepted.LostFrom, accepted.LostTo, accepted.Size));
            await AssertTheOldLogStaysProofAsync(server, accepted, lost);
            await AssertTheOperatorReadsWhoAndWhyAsync(server, "Disque perdu");
            Assert.True(InclusionProof.Verify(kept, lost.Size, leaf, proof, lost.Root.Span), "The lost event's receipt still shows that it was recorded.");
        });
    }

    [Fact]
    public async Task a_lost_copy_is_refused_too_and_written_again_without_ending_the_log()
    {
        await RunAsync(journal, server => ActAsync(server, 2));
        await blobs.DeleteAsync(StoredBlobs.Checkpoint);

        Assert.Contains("has lost its copy", (await Assert.ThrowsAsync<ForkRefusedException>(() => RunAsync(journal, _ => Task.CompletedTask))).Message, StringComparison.Ordinal);
        Assert.Equal(OperatorExit.Done, await OperatorCommands.RunAsync(["accept-restored-journal", "--reason", "Dossier perdu", .. Settings(journal).SelectMany(one => new[] { "--set", one }), "--data", data]));
        await RunAsync(journal, async server =>
        {
            await ActAsync(server, 1);
            Assert.Equal(Origin, (await server.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!.Origin);
        });
    }

    [Fact]
    [Trait("Requirement", "R-271")]
    [Trait("Requirement", "R-285")]
    public async Task with_a_required_witness_the_log_goes_on_as_the_operations_page_says()
    {
        await WitnessedAsync();
        await RunAsync(journal, server => ActAsync(server, 3));
        restored = await (await PostgresCluster.Shared).CopyAsync(journal);
        await RunAsync(journal, server => ActAsync(server, 2));
        await Assert.ThrowsAsync<ForkRefusedException>(() => RunAsync(restored, _ => Task.CompletedTask));

        var (exit, said, complaints) = await CommandAsync(restored, "accept-restored-journal", "--reason", "Disque perdu");
        Assert.True(exit == OperatorExit.Done, complaints);
        var (_, keysSaid, _) = await CommandAsync(restored, "log-keys");
        var keysOfLogs = keysSaid.Split('\n', StringSplitOptions.RemoveEmptyEntries);
        Assert.Equal((2, NoteVerifierKey.Parse(keysOfLogs[1]).Name), (keysOfLogs.Length, Origin));
        Assert.Contains($"its key, for witnesses and whoever follows it: {keysOfLogs[0]}\nnot published yet.", said, StringComparison.Ordinal);
        Assert.Contains("No witness was asked: what is kept here differs already.", said, StringComparison.Ordinal);

        await RunAsync(restored, async server =>
        {
            using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
            Assert.Equal(keysOfLogs[0], (await client.GetFromJsonAsync<JsonElement>("/log/origins")).GetProperty("key").GetString());
            await UntilAsync(() => server.Services.GetRequiredService<Checkpointer>().State.DelayedBy?.Contains($"--log '{keysOfLogs[0]}'", StringComparison.Ordinal) == true);
            Assert.Equal(Origin, (await server.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!.Origin);
            await witness!.FollowAsync(keysOfLogs[0]);
            await ActAsync(server, 1);
            await AssertWitnessedAsync(server, NoteVerifierKey.Parse(keysOfLogs[0]).Name);
        });
        await RunAsync(restored, server => ActAsync(server, 1));
        Assert.Equal(OperatorExit.Found, (await CommandAsync(restored, "accept-restored-journal", "--reason", "Encore")).ExitCode);
    }

    [Fact]
    [Trait("Requirement", "R-285")]
    public async Task a_whole_installation_put_back_is_refused_by_what_its_witness_remembers_and_whoever_asks_none_is_told_so()
    {
        await WitnessedAsync();
        await RunAsync(journal, server => ActAsync(server, 2));
        restored = await (await PostgresCluster.Shared).CopyAsync(journal);
        var copy = (await blobs.ReadAsync(StoredBlobs.Checkpoint))!;
        await RunAsync(journal, server => ActAsync(server, 2));
        await blobs.WriteAsync(StoredBlobs.Checkpoint, copy);

        Assert.Contains("the witness witness.example/w1 has cosigned", (await Assert.ThrowsAsync<ForkRefusedException>(() => RunAsync(restored, _ => Task.CompletedTask))).Message, StringComparison.Ordinal);
        var (exit, said, _) = await FsckCommand.OperatorAsync(["accept-restored-journal", "--reason", "Rien", "--data", data, .. Settings(restored, keys).Concat(blobs.Pairs).SelectMany(one => new[] { "--set", one })]);
        Assert.Equal(OperatorExit.Found, exit);
        Assert.StartsWith("No witness was asked: none is configured (Witness:Url, Witness:Key).\nnothing to accept", said, StringComparison.Ordinal);
        Assert.Contains("it goes on as", (await CommandAsync(restored, "accept-restored-journal", "--reason", "Tout perdu")).Output, StringComparison.Ordinal);
        await RunAsync(restored, async server =>
        {
            await witness!.FollowAsync((await CommandAsync(restored, "log-keys")).Output.Split('\n')[0]);
            await ActAsync(server, 1);
        });
    }

    /// <summary>The log's key is made by its first publication, and a witness that is required from now on is told it.</summary>
    private async Task WitnessedAsync()
    {
        await RunAsync(journal, server => UntilAsync(() => server.Services.GetRequiredService<LogKeys>().Holds(Origin)));
        witness = await WitnessProcess.StartAsync(NoteVerifierKey.Parse((await CommandAsync(journal, "log-keys")).Output.Split('\n')[0]));
    }

    private Task<(int ExitCode, string Output, string Complaints)> CommandAsync(TestDatabase over, params string[] command) =>
        FsckCommand.OperatorAsync([.. command, "--data", data, .. Settings(over).SelectMany(one => new[] { "--set", one })]);

    private async Task AssertWitnessedAsync(WebApplication server, string origin)
    {
        var last = (await server.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!;
        Assert.Equal(origin, last.Origin);
        Assert.NotNull(await Cosignature.VerifyAsync(SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(last.Note)), witness!.Key, new Ed25519()));
    }

    private static async Task UntilAsync(Func<bool> isSo)
    {
        for (var waited = Stopwatch.StartNew(); !isSo(); await Task.Delay(20)) Assert.True(waited.Elapsed < TimeSpan.FromSeconds(60), "It did not come to pass within a minute.");
    }

    private static async Task AssertTheOldLogStaysProofAsync(WebApplication server, RestoredJournalAccepted accepted, Checkpoint lost)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()) };
        var origins = await client.GetFromJsonAsync<JsonElement>("/log/origins");
        Assert.Equal(accepted.ContinuedAs, origins.GetProperty("current").GetString());
        var note = SignedNote.Parse(System.Text.Encoding.UTF8.GetBytes(origins.GetProperty("continuations")[0].GetString()!));
        var log = server.Services.GetRequiredService<LogKeys>();
        Assert.All(new[] { Origin, accepted.ContinuedAs! }, origin => Assert.True(EcdsaNote.Verify(note, log.VerifierKey(origin))));
        Assert.Contains($"\n{lost.Size} {Convert.ToBase64String(lost.Root.Span)}\n", note.Text, StringComparison.Ordinal);
        Assert.NotEqual(log.VerifierKey(Origin).PublicKey.ToArray(), log.VerifierKey(accepted.ContinuedAs!).PublicKey.ToArray());
        var last = await server.Services.GetRequiredService<JournalCheckpoints>().LastAsync();
        Assert.Equal(accepted.ContinuedAs, last!.Origin);
        await AssertNoAddressHasTwoContentsAsync(client, origins.GetProperty("prefix").GetString()!, last.Size);
    }

    /// <summary>What was served as unchangeable under the ended log's addresses may stand in anybody's cache: nothing else is ever served there.</summary>
    private static async Task AssertNoAddressHasTwoContentsAsync(HttpClient client, string prefix, long size)
    {
        Assert.StartsWith("/log/continued-", prefix, StringComparison.Ordinal);
        Assert.Contains($"\n{size}\n", await client.GetStringAsync($"{prefix}/checkpoint"), StringComparison.Ordinal);
        var tile = new TileCoordinates(0, 0, (int)size);
        Assert.Equal(size * MerkleHash.Length, (await client.GetByteArrayAsync($"{prefix}/tile/{tile}")).LongLength);
        foreach (var ended in new[] { "/log/checkpoint", $"/log/tile/{tile}", $"/log/tile/{tile.ToEntriesPath()}" })
            Assert.Equal(System.Net.HttpStatusCode.NotFound, (await client.GetAsync(ended)).StatusCode);
    }

    private static async Task AssertTheOperatorReadsWhoAndWhyAsync(WebApplication server, string reason)
    {
        using var client = new HttpClient { BaseAddress = new Uri(server.Urls.Single()), DefaultRequestHeaders = { Accept = { new("application/json") } } };
        using var signedIn = await client.PostAsync("/demo/sign-in/operator", null);
        var token = (await signedIn.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("token").GetString();
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        client.DefaultRequestHeaders.Accept.Clear();
        var page = System.Net.WebUtility.HtmlDecode(await client.GetStringAsync("/status"));
        Assert.Contains(reason, page, StringComparison.Ordinal);
        Assert.Contains("Décidé par Camille l'exploitante", page, StringComparison.Ordinal);
        Assert.Contains(Environment.UserName, page, StringComparison.Ordinal);
    }

    private static Checkpoint Opened(WebApplication server, string note)
    {
        Assert.Null(server.Services.GetRequiredService<LogKeys>().Fault(note, out var checkpoint));
        return checkpoint!;
    }

    private static async Task ActAsync(WebApplication server, int events)
    {
        var target = server.Services.GetRequiredService<EventStore.Journal>();
        for (var i = 0; i < events; i++)
        {
            var session = target.OpenSession();
            session.StartStream<Audit>(Guid.CreateVersion7(), new AuditQueried("state", Guid.CreateVersion7(), null));
            await session.SaveChangesAsync();
        }

        await server.Services.GetRequiredService<Checkpointer>().CoverAsync((await target.HeadAsync()).Size, TimeSpan.FromSeconds(30));
    }

    private static string[] Settings(TestDatabase journal, TestDatabase keys) =>
        [$"ConnectionStrings:Journal={journal.ApplicationConnectionString}", $"ConnectionStrings:Keys={keys.ApplicationConnectionString}", $"Log:Origin={Origin}"];

    private string[] Settings(TestDatabase over) =>
        [.. Settings(over, keys), .. blobs.Pairs, .. witness is null ? Array.Empty<string>() : [$"Witness:Url={witness.Address}", $"Witness:Key={witness.Key}"]];

    private async Task RunAsync(TestDatabase over, Func<WebApplication, Task> act)
    {
        await using var server = Program.Build(
        [
            "--urls", "http://127.0.0.1:0", "--data", data, "--demo", "true", "--demo:seed", "false", "--demo:story", "false", "--Logging:LogLevel:Default", "None",
            .. Settings(over).SelectMany(one => one.Split('=', 2) is [var key, var value] ? new[] { $"--{key}", value } : []),
        ]);
        await server.StartAsync();
        await act(server);
        await server.StopAsync();
    }
}
