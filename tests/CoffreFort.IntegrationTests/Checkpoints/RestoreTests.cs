using System.Net.Http.Json;
using System.Text.Json;
using CoffreFort.EventStore;
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
    private TestDatabase? restored;

    public async Task InitializeAsync()
    {
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
        Assert.Equal(OperatorExit.Done, await OperatorCommands.RunAsync(["accept-restored-journal", "--reason", "Disque perdu", .. Settings(restored).SelectMany(one => new[] { "--set", one }), "--data", data]));
        Assert.Equal(OperatorExit.Found, await OperatorCommands.RunAsync(["accept-restored-journal", "--reason", "Encore", .. Settings(restored).SelectMany(one => new[] { "--set", one }), "--data", data]));

        await RunAsync(restored, async server =>
        {
            await ActAsync(server, 1);
            var accepted = (await server.Services.GetRequiredService<EventStore.Journal>().AggregateStreamAsync<OperatorActs>(OperatorActs.Stream))!.Accepted!;
            Assert.Equal((kept + 1, lost.Size, kept), (accepted.LostFrom, accepted.LostTo, accepted.Size));
            await AssertTheOldLogStaysProofAsync(server, accepted, lost);
            Assert.True(InclusionProof.Verify(kept, lost.Size, leaf, proof, lost.Root.Span), "The lost event's receipt still shows that it was recorded.");
        });
    }

    [Fact]
    public async Task a_lost_copy_is_refused_too_and_written_again_without_ending_the_log()
    {
        await RunAsync(journal, server => ActAsync(server, 2));
        File.Delete(Path.Combine(data, "blobs", ".checkpoint"));

        Assert.Contains("has lost its copy", (await Assert.ThrowsAsync<ForkRefusedException>(() => RunAsync(journal, _ => Task.CompletedTask))).Message, StringComparison.Ordinal);
        Assert.Equal(OperatorExit.Done, await OperatorCommands.RunAsync(["accept-restored-journal", "--reason", "Dossier perdu", .. Settings(journal).SelectMany(one => new[] { "--set", one }), "--data", data]));
        await RunAsync(journal, async server =>
        {
            await ActAsync(server, 1);
            Assert.Equal(Origin, (await server.Services.GetRequiredService<JournalCheckpoints>().LastAsync())!.Origin);
        });
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

    private string[] Settings(TestDatabase over) => Settings(over, keys);

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
