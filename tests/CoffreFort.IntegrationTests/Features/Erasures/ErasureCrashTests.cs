using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;
using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.DependencyInjection;

namespace CoffreFort.IntegrationTests.Features.Erasures;

/// <summary>Whoever carries an erasure out may die after any of its steps: the next node finishes it, and nothing is written twice.</summary>
public sealed class ErasureCrashTests : IAsyncLifetime
{
    private CoffreFortServer _server = null!;
    private SharingScene _scene = null!;
    private ErasureScene _erasures = null!;

    public async Task InitializeAsync()
    {
        _server = await CoffreFortServer.StartAsync();
        _scene = await SharingScene.InAsync(_server);
        _erasures = new ErasureScene(_server);
    }

    public async Task DisposeAsync() => await _server.DisposeAsync();

    /// <param name="steps">How many were done: the event; the keys; the blob.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [Trait("Requirement", "R-019")]
    public async Task a_documents_erasure_is_finished_after_a_death_at_any_step(int steps)
    {
        var document = await _scene.DepositAsync([1, 2, 3]);
        var consent = await _scene.GrantAsync(document);
        var state = (await _server.Journal.AggregateStreamAsync<Document>(document))!;
        await _server.StopAsync();
        await AppendAsync<Document>(document, new DocumentErased(Personas.Holder, ErasureCauses.Document));
        if (steps > 1) await Service<KeyDestruction>().DocumentAsync(_scene.Vault, document, default);
        if (steps > 2) await Service<IBlobStore>().DeleteAsync(state.Latest.Content.Blob);

        await using (await _server.AnotherNodeAsync()) await _erasures.UntilDestroyedAsync(document);

        var events = await _server.Journal.FetchStreamAsync(document);
        Assert.Single(events, stored => stored.Body is KeyDestroyed { Keys: 3, Blobs: 1 });
        Assert.Single(events, stored => stored.Body is DocumentErased);
        Assert.Equal(0, await _erasures.CountAsync(document));
        Assert.Empty(await _server.Blobs.NamesAsync());
        Assert.Equal(RevocationCauses.Erasure, (await _server.Journal.AggregateStreamAsync<Consent>(consent))!.Revoked!.Cause);
    }

    /// <param name="steps">How many were done: the vault's event; one document's; the keys; that document to its end.</param>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [Trait("Requirement", "R-019")]
    public async Task a_vaults_erasure_is_finished_after_a_death_at_any_step(int steps)
    {
        var documents = new[] { await _scene.DepositAsync([1, 2, 3]), await _scene.DepositAsync([4, 5, 6], "payslip") };
        var consent = await _scene.GrantAsync(documents[0]);
        var state = (await _server.Journal.AggregateStreamAsync<Document>(documents[0]))!;
        await _server.StopAsync();
        await AppendAsync<Vault>(_scene.Vault, new VaultErased(Personas.Holder));
        if (steps > 1) await AppendAsync<Document>(documents[0], new DocumentErased(Personas.Holder, ErasureCauses.Vault));
        if (steps > 2) await Service<KeyDestruction>().VaultAsync(_scene.Vault, default);
        if (steps > 3)
        {
            await Service<IBlobStore>().DeleteAsync(state.Latest.Content.Blob);
            await AppendAsync<Document>(documents[0], new KeyDestroyed(_scene.Vault, 3, 1, DateTimeOffset.UtcNow.AddDays(20)));
        }

        await using (await _server.AnotherNodeAsync())
            await ErasureScene.UntilAsync(async () => (await _server.Journal.AggregateStreamAsync<Vault>(_scene.Vault))!.Erasure.Destroyed);

        Assert.Single(await _server.Journal.FetchStreamAsync(_scene.Vault), stored => stored.Body is VaultKeysDestroyed { Documents: 2, Keys: 8, Blobs: 2 });
        foreach (var document in documents) Assert.Single(await _server.Journal.FetchStreamAsync(document), stored => stored.Body is KeyDestroyed);
        Assert.Equal(0, await _erasures.CountAsync(_scene.Vault));
        Assert.Empty(await _server.Blobs.NamesAsync());
        Assert.Equal(RevocationCauses.Erasure, (await _server.Journal.AggregateStreamAsync<Consent>(consent))!.Revoked!.Cause);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task keys_that_come_back_with_an_older_key_database_are_destroyed_again_and_fsck_names_them()
    {
        var (erased, kept) = (await _scene.DepositAsync([1, 2, 3]), await _scene.DepositAsync([4, 5, 6], "payslip"));
        await using var owner = Npgsql.NpgsqlDataSource.Create(_server.KeyDatabase.OwnerConnectionString);
        await using (var backup = owner.CreateCommand("create table older as select * from object_keys")) await backup.ExecuteNonQueryAsync();
        await _scene.Holder.DeleteAsync($"/api/v1/documents/{erased}?grace=0");
        Assert.DoesNotContain(await _erasures.FindingsAsync(), finding => finding.Kind == Server.Operations.Integrity.Finding.Kinds.Damaged);
        // Its clock might look back by itself before fsck does.
        await Service<Server.Features.Erasures.ErasureClock>().StopAsync(default);

        await using (var restore = owner.CreateCommand("insert into object_keys select * from older on conflict do nothing")) await restore.ExecuteNonQueryAsync();

        Assert.Contains(await _erasures.FindingsAsync(), finding => finding.Thing == $"object_keys object={erased}");
        Assert.Equal(System.Net.HttpStatusCode.Gone, (await _scene.Holder.GetAsync($"/api/v1/documents/{erased}/versions/1/content")).StatusCode);
        // Whichever node starts next looks back.
        await using (await _server.AnotherNodeAsync()) await ErasureScene.UntilAsync(async () => await _erasures.CountAsync(erased) == 0);
        Assert.Equal([4, 5, 6], await _scene.Holder.GetByteArrayAsync($"/api/v1/documents/{kept}/versions/1/content"));
    }

    private T Service<T>()
        where T : notnull => _server.Services.GetRequiredService<T>();

    private async Task AppendAsync<T>(Guid stream, IEvent @event)
        where T : class, IAggregate<T> =>
        await Service<ActRunner>().RunAsync<T>(Actor.Clockwork("test"), stream, (_, _) => Decision.Of(@event), default);

    private static class Personas
    {
        public static Guid Holder => Server.Demo.Personas.Holder.Id;
    }
}
