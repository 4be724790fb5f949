using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Which keys go with a document, an upload that became nothing, a vault; and that no other one does, whoever is at work meanwhile.</summary>
public sealed class KeyDestructionTests : IAsyncLifetime
{
    private readonly MemoryRoot root = new();
    private KeyScene scene = null!;
    private KeyScene.Node node = null!;

    public async Task InitializeAsync()
    {
        scene = await KeyScene.CreateAsync();
        node = scene.AddNode(root);
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task a_documents_keys_go_and_no_others_whatever_vault_or_document_is_named_by_mistake()
    {
        var (vault, other) = (await node.FillAsync(2), await node.FillAsync(1));
        var document = vault.Documents[0].Identity;
        await node.Destruction.DocumentAsync(other.Id, document.Document, default);
        await node.Destruction.DocumentAsync(vault.Id, vault.Id, default);
        await node.AssertReadsAsync(vault);

        await node.Destruction.DocumentAsync(vault.Id, document.Document, default);

        Assert.Equal(0, await LeftAsync(document.Document));
        await node.AssertReadsAsync(vault, document);
        await node.AssertReadsAsync(other);
    }

    [Fact]
    public async Task an_upload_that_became_nothing_takes_its_own_keys_and_the_last_one_those_of_the_texts_too()
    {
        var vault = await node.FillAsync(1);
        var document = Guid.CreateVersion7();
        var (first, second) = (await UploadAsync(vault.Id, document, 1), await UploadAsync(vault.Id, document, 2));

        await node.Destruction.UploadAsync(vault.Id, document, second, default);
        Assert.Equal(3, await LeftAsync(document));
        using (var key = await node.Store.DocumentAsync(new DocumentIdentity(vault.Id, document, 1), first, default)) Assert.NotNull(key);
        using (var texts = await node.Store.SubjectAsync(vault.Id, document, default)) Assert.NotNull(texts);

        await node.Destruction.UploadAsync(vault.Id, document, first, default);
        Assert.Equal(0, await LeftAsync(document));
        await node.AssertReadsAsync(vault);
    }

    [Fact]
    public async Task two_uploads_for_one_document_that_become_nothing_at_once_leave_nothing()
    {
        var vault = await node.FillAsync(0);
        var document = Guid.CreateVersion7();
        var (first, second) = (await UploadAsync(vault.Id, document, 1), await UploadAsync(vault.Id, document, 1));
        // Whoever has deleted something waits before it is committed. The vault has lost a key before: to note that, one would wait for the other.
        await scene.Database.ExecuteAsync("""
            update vault_keys set spent = true;
            create function hold() returns trigger language plpgsql as $$ begin perform pg_advisory_xact_lock_shared(1); return null; end $$;
            create constraint trigger hold after delete on object_keys deferrable initially deferred for each row execute function hold();
            """);
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("select pg_advisory_xact_lock(1)", connection)) await hold.ExecuteNonQueryAsync();

        Task[] both = [node.Destruction.UploadAsync(vault.Id, document, first, default), node.Destruction.UploadAsync(vault.Id, document, second, default)];
        await scene.UntilWaitingAsync(2, both);
        await transaction.CommitAsync();
        await Task.WhenAll(both);

        Assert.Equal(0, await LeftAsync(document));
    }

    [Fact]
    [Trait("Requirement", "R-220")]
    public async Task the_keys_of_all_swept_blobs_go_and_no_others()
    {
        var (vault, other) = (await node.FillAsync(1), await node.FillAsync(1));
        var (one, two) = (Guid.CreateVersion7(), Guid.CreateVersion7());
        BlobName[] swept = [await UploadAsync(vault.Id, one, 1), await UploadAsync(other.Id, two, 1), BlobName.New()];

        await node.Destruction.UploadsAsync(swept, default);

        Assert.Equal(0, await LeftAsync(one));
        Assert.Equal(0, await LeftAsync(two));
        await node.AssertReadsAsync(vault);
        await node.AssertReadsAsync(other);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task a_vaults_keys_all_go_though_one_more_is_added_meanwhile()
    {
        var (vault, other) = (await node.FillAsync(1), await node.FillAsync(1));
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        await using var deposit = await connection.BeginTransactionAsync();
        await using (var add = new NpgsqlCommand(
            $"insert into object_keys (purpose, object, version, blob, vault, generation, wrapped) values (2, gen_random_uuid(), 1, 'late', '{vault.Id}', 1, '\\x00')", connection))
            await add.ExecuteNonQueryAsync();

        // It sees what is committed, and waits for the one who is putting something below the vault's key.
        var destruction = node.Destruction.VaultAsync(vault.Id, default);
        await scene.UntilWaitingAsync(1, destruction);
        await deposit.CommitAsync();
        await destruction;

        Assert.Equal(0, await LeftAsync(vault.Id));
        await node.AssertReadsAsync(other);
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task of_a_vault_whose_key_was_replaced_nothing_stays_either()
    {
        var vault = await node.FillAsync(1);
        await node.Replacement.ReplaceAsync(vault.Id, 1, newSubject: true, (_, _) => Task.CompletedTask, default);
        await node.Destruction.VaultAsync(vault.Id, default);
        Assert.Equal(0, await LeftAsync(vault.Id));
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task whichever_key_of_something_erased_is_there_again_it_is_found()
    {
        var vault = await node.FillAsync(4);
        var documents = vault.Documents.Select(one => one.Identity.Document).ToList();
        // Of each of them another kind came back; of the last one nothing.
        for (var i = 0; i < documents.Count; i++) await scene.Database.ExecuteAsync($"delete from object_keys where object = '{documents[i]}' and purpose <> {i + 2}");
        await scene.Database.ExecuteAsync($"delete from object_keys where object = '{vault.Id}'");

        Assert.Equal([.. documents.Take(3).Append(vault.Id).Order()], (await node.Destruction.FindKeptAsync([.. documents, vault.Id], default)).Order());
    }

    private async Task<BlobName> UploadAsync(Guid vault, Guid document, uint version)
    {
        var blob = BlobName.New();
        using var keys = await node.Store.CreateDocumentAsync(new DocumentIdentity(vault, document, version), blob, default);
        Assert.NotNull(keys);
        return blob;
    }

    /// <summary>How many keys a document or a vault has, its own counted in.</summary>
    private Task<long> LeftAsync(Guid which) => scene.CountAsync(
        $"select (select count(*) from object_keys where '{which}' in (object, vault)) + (select count(*) from vault_keys where vault = '{which}')");
}
