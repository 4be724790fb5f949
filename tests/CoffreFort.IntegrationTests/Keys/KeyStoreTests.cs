using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Keys are found by all that they are for and by nothing less; whoever meets a parent on its way to another place finds it there.</summary>
public sealed class KeyStoreTests : IAsyncLifetime
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
    public async Task each_upload_of_one_version_has_keys_of_its_own_and_who_asks_for_anything_else_gets_none()
    {
        var (vault, other) = (await node.FillAsync(0), await node.FillAsync(0));
        var identity = new DocumentIdentity(vault.Id, Guid.CreateVersion7(), 1);
        foreach (var blob in new[] { BlobName.New(), BlobName.New() })
        {
            using var made = await node.Store.CreateDocumentAsync(identity, blob, default);
            await AssertOpensAsync(identity, blob, made!);
        }

        var raced = BlobName.New();
        using var last = await node.Store.CreateDocumentAsync(identity, raced, default);
        await AssertOpensAsync(identity, raced, last!);
        foreach (var (wrong, blob) in new[]
        {
            (identity with { Version = 2 }, raced), (identity with { Vault = other.Id }, raced), (identity with { Document = Guid.CreateVersion7() }, raced), (identity, BlobName.New()),
        })
        {
            Assert.Null(await node.Store.DocumentAsync(wrong, blob, default));
            Assert.Null(await node.Store.CommitmentAsync(wrong, blob, default));
            Assert.Null((await node.Store.OpeningAsync(wrong, blob, vault.Id, default)).Content);
        }

        Assert.Null(await node.Store.SubjectAsync(other.Id, identity.Document, default));
        using var own = Assert.Single(await node.Store.SubjectsAsync(other.Id, [identity.Document, other.Id, vault.Id], default));
        Assert.Equal(other.Subject, own.Secret.Bytes.ToArray());
    }

    [Fact]
    public async Task keys_made_again_are_the_first_ones_also_once_they_lie_below_another_generation()
    {
        var vault = await node.FillAsync(1);
        await node.Store.CreateOwnerAsync(vault.Id, default);
        await node.AssertReadsAsync(vault);
        await node.Replacement.ReplaceAsync(vault.Id, 1, newSubject: false, (_, _) => Task.CompletedTask, default);

        await node.Store.CreateOwnerAsync(vault.Id, default);

        Assert.Equal(1, await scene.CountAsync("select count(*) from vault_keys"));
        await node.AssertReadsAsync(vault);
        var (identity, blob) = (vault.Documents[0].Identity with { Version = 2 }, BlobName.New());
        using var made = await node.Store.CreateDocumentAsync(identity, blob, default);
        await AssertOpensAsync(identity, blob, made!);
    }

    /// <summary>It read the vault's row, and before it asks for the epoch another node has taken the row over and ended that one.</summary>
    [Theory, InlineData(true), InlineData(false)]
    [Trait("Requirement", "R-381")]
    public async Task who_finds_the_epoch_gone_that_a_key_was_below_looks_where_it_is_now(bool deposits)
    {
        var vault = await node.FillAsync(1);
        var (identity, blob, _) = vault.Documents[0];
        var (before, oldKey) = await node.Epochs.CurrentAsync(default);
        using var old = oldKey;
        scene.PassTheMonth();
        var (after, newKey) = await node.Epochs.CurrentAsync(default);
        using var current = newKey;
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        await using var rotation = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table epoch_keys in access exclusive mode", connection)) await hold.ExecuteNonQueryAsync();

        var asking = scene.AddNode(root).Store;
        var reading = deposits ? Task.FromResult<SecretKey?>(null) : asking.DocumentAsync(identity, blob, default);
        var depositing = deposits ? asking.CreateDocumentAsync(identity with { Version = 2 }, BlobName.New(), default) : Task.FromResult<DocumentKeys?>(null);
        await scene.UntilWaitingAsync(1, deposits ? depositing : reading);
        await using (var move = new NpgsqlCommand("update vault_keys set epoch = $1, wrapped = $2", connection)
        {
            Parameters = { new() { Value = after }, new() { Value = await WrappedAsync(vault.Id, old, current) } },
        }) Assert.Equal(1, await move.ExecuteNonQueryAsync());
        await using (var end = new NpgsqlCommand($"delete from epoch_keys where epoch = {before}", connection)) Assert.Equal(1, await end.ExecuteNonQueryAsync());
        await rotation.CommitAsync();

        using var read = await reading;
        using var deposited = await depositing;
        Assert.Equal((!deposits, deposits), (read is not null, deposited is not null));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task what_comes_below_a_vaults_key_while_that_is_replaced_goes_below_the_next_one()
    {
        var vault = await node.FillAsync(1);
        var (identity, blob) = (vault.Documents[0].Identity with { Version = 2 }, BlobName.New());
        var depositing = Task.FromResult<DocumentKeys?>(null);
        await node.Replacement.ReplaceAsync(vault.Id, 1, newSubject: false, async (_, _) =>
        {
            depositing = scene.AddNode(root).Store.CreateDocumentAsync(identity, blob, default);
            await scene.UntilWaitingAsync(1, depositing);
        }, default);

        using var made = await depositing;
        await AssertOpensAsync(identity, blob, made!);
        Assert.Equal(2, await scene.CountAsync($"select max(generation) from object_keys where blob = '{blob}'"));
    }

    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task of_a_vault_that_was_just_read_and_then_destroyed_nothing_is_found_and_nothing_can_be_made()
    {
        var vault = await node.FillAsync(1);
        await node.AssertReadsAsync(vault);
        var (identity, blob, _) = vault.Documents[0];
        using (await node.Store.SubjectAsync(vault.Id, identity.Document, default)) { }
        await node.Destruction.VaultAsync(vault.Id, default);

        Assert.Null(await node.Store.SubjectAsync(vault.Id, default));
        Assert.Null(await node.Store.SubjectAsync(vault.Id, identity.Document, default));
        Assert.Null(await node.Store.DocumentAsync(identity, blob, default));
        var (content, texts) = await node.Store.OpeningAsync(identity, blob, identity.Document, default);
        Assert.True(content is null && texts is null);
        Assert.Null(await node.Store.CreateDocumentAsync(identity with { Version = 2 }, BlobName.New(), default));
    }

    /// <summary>Who began before the erasure deposits after it: a second key of the document's texts would make them look damaged to everybody who reads them meanwhile.</summary>
    [Fact]
    [Trait("Requirement", "R-019")]
    public async Task a_newer_version_of_a_document_that_was_destroyed_makes_no_key()
    {
        var vault = await node.FillAsync(2);
        var (erased, other) = (vault.Documents[0].Identity with { Version = 2 }, vault.Documents[1].Identity with { Version = 2 });
        await node.Destruction.DocumentAsync(vault.Id, erased.Document, default);

        Assert.Null(await node.Store.CreateDocumentAsync(erased, BlobName.New(), default));

        Assert.Equal(0, await scene.CountAsync($"select count(*) from object_keys where object = '{erased.Document}'"));
        var blob = BlobName.New();
        using var made = await node.Store.CreateDocumentAsync(other, blob, default);
        await AssertOpensAsync(other, blob, made!);
        Assert.Equal(1, await scene.CountAsync($"select count(*) from object_keys where object = '{other.Document}' and purpose = 3"));
    }

    private async Task AssertOpensAsync(DocumentIdentity identity, BlobName blob, DocumentKeys made)
    {
        using var content = await node.Store.DocumentAsync(identity, blob, default);
        using var commitment = await node.Store.CommitmentAsync(identity, blob, default);
        Assert.Equal(made.Content.Bytes.ToArray(), content!.Bytes.ToArray());
        Assert.Equal(made.Commitment.Bytes.ToArray(), commitment!.Bytes.ToArray());
        var (opening, texts) = await node.Store.OpeningAsync(identity, blob, identity.Document, default);
        using (opening)
        using (texts)
        {
            Assert.Equal(made.Content.Bytes.ToArray(), opening!.Bytes.ToArray());
            Assert.Equal(identity.Document, texts!.Owner);
        }
    }

    private async Task<byte[]> WrappedAsync(Guid vault, SecretKey old, SecretKey current)
    {
        await using var command = node.Source.Source.CreateCommand("select wrapped from vault_keys");
        using var key = KeyWrapping.Unwrap(old, KeyPurpose.Vault, vault, vault, 1, (byte[])(await command.ExecuteScalarAsync())!);
        return KeyWrapping.Wrap(current, KeyPurpose.Vault, vault, vault, 1, key);
    }
}
