using CoffreFort.Cryptography;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A key database from before epochs ended: its tables lack what came later, and its epochs' keys lie below the root key that lasts.</summary>
public sealed class OldKeyDatabaseTests : IAsyncLifetime
{
    /// <summary>What the database was made with then.</summary>
    private const string OldSql = """
        create table epoch_keys (
            epoch integer primary key, root_key_id varchar(200) not null, wrapped bytea not null, created timestamptz not null default clock_timestamp());
        create table vault_keys (
            vault uuid not null, generation integer not null check (generation > 0), epoch integer not null references epoch_keys,
            wrapped bytea not null, created timestamptz not null default clock_timestamp(), primary key (vault, generation));
        create table object_keys (
            purpose smallint not null check (purpose in (2, 3, 4)), object uuid not null, version integer not null check (version > 0), blob varchar(64) not null default '',
            vault uuid not null, generation integer not null, wrapped bytea not null, created timestamptz not null default clock_timestamp(),
            primary key (purpose, object, version, blob), foreign key (vault, generation) references vault_keys);
        create index object_keys_of_vault on object_keys (vault, generation);
        grant select, insert, delete on epoch_keys, vault_keys, object_keys to coffrefort_app;
        """;

    private KeyScene scene = null!;
    private TestDatabase database = null!;
    private NpgsqlDataSource owner = null!;

    public async Task InitializeAsync()
    {
        scene = await KeyScene.CreateAsync();
        database = await (await PostgresCluster.Shared).CreateDatabaseAsync("keys before epochs ended", old => old.ExecuteAsync(OldSql));
        owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
    }

    public async Task DisposeAsync()
    {
        await owner.DisposeAsync();
        await scene.DisposeAsync();
        await database.DisposeAsync();
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task an_old_key_database_opens_as_before_and_its_backups_die_at_the_months_end()
    {
        var (last, month) = (EpochEnd.Current(scene.Clock.GetUtcNow().AddDays(-40)), EpochEnd.Current(scene.Clock.GetUtcNow()));
        var vaults = new[] { await FillAsync(last), await FillAsync(month), await FillAsync(month) };
        await using var backup = await BackUpAsync();
        await MigrateAsync();
        await MigrateAsync();
        var node = scene.AddNode(database: database);
        foreach (var vault in vaults) await node.AssertReadsAsync(vault);
        var made = await node.FillAsync(1);
        var lasting = scene.Keyring.KeyId;

        // Last month's ends at once; the root key that lasts is this month's too, and stays.
        Assert.Equal([last], await node.RotateAsync());
        Assert.Equal(lasting, scene.Keyring.KeyId);
        Assert.Contains((await KeyStatus.ReadAsync(node.Source, default)).Ended, epoch => epoch.Epoch == last && epoch.GoneAfter is null);
        scene.PassTheMonth();
        Assert.Equal([month], await node.RotateAsync());

        Assert.NotEqual(lasting, scene.Keyring.KeyId);
        foreach (var vault in vaults.Append(made)) await scene.AddNode(database: database).AssertReadsAsync(vault);
        Assert.All((await KeyStatus.ReadAsync(node.Source, default)).Ended, epoch => Assert.NotNull(epoch.GoneAfter));
        Assert.Equal([last, month], (await scene.ActsAsync()).Select(stored => stored.Body).OfType<KeyEpochDestroyed>().Select(act => act.Epoch));
        // Of those that were there before nobody knows what they lost: all of them are replaced.
        Assert.Equal([(0L, 1L), (2L, 2L)], (await scene.ActsAsync()).Select(stored => stored.Body).OfType<KeyEpochRotated>().Select(act => (act.VaultKeys, act.Replaced)));

        await MigrateAsync(backup);
        var restored = scene.AddNode(database: backup);
        foreach (var vault in vaults) await Assert.ThrowsAsync<RootKeyRefused>(() => restored.Store.SubjectAsync(vault.Id, default));
    }

    [Fact]
    public async Task an_old_key_database_has_the_new_ones_tables_rights_and_triggers()
    {
        await FillAsync(EpochEnd.Current(scene.Clock.GetUtcNow()));
        await MigrateAsync();
        Assert.Equal(await ShapeAsync(scene.Database), await ShapeAsync(database));
    }

    private Task MigrateAsync(TestDatabase? other = null) => other is null ? KeyDatabase.MigrateAsync(owner, default) : MigrateOtherAsync(other);

    private static async Task MigrateOtherAsync(TestDatabase other)
    {
        await using var source = NpgsqlDataSource.Create(other.OwnerConnectionString);
        await KeyDatabase.MigrateAsync(source, default);
    }

    private async Task<TestDatabase> BackUpAsync()
    {
        owner.Clear();
        return await (await PostgresCluster.Shared).CopyAsync(database);
    }

    /// <summary>A vault with one document, as the server of then wrote it.</summary>
    private async Task<KeyScene.Vault> FillAsync(int epoch)
    {
        var (vault, document, blob) = (Guid.CreateVersion7(), Guid.CreateVersion7(), Server.Edges.Blobs.BlobName.New());
        using var vaultKey = SecretKey.Generate();
        using var subject = SecretKey.Generate();
        using var content = SecretKey.Generate();
        using var epochKey = await EpochAsync(epoch);
        await ExecuteAsync("insert into vault_keys (vault, generation, epoch, wrapped) values ($1, 1, $2, $3)", vault, epoch, KeyWrapping.Wrap(epochKey, KeyPurpose.Vault, vault, vault, 1, vaultKey));
        await ExecuteAsync(
            "insert into object_keys (purpose, object, version, blob, vault, generation, wrapped) values (3, $1, 1, '', $1, 1, $4), (2, $2, 1, $3, $1, 1, $5)",
            vault, document, blob.ToString(), KeyWrapping.Wrap(vaultKey, KeyPurpose.Subject, vault, vault, 1, subject), KeyWrapping.Wrap(vaultKey, KeyPurpose.Document, vault, document, 1, content));
        return new KeyScene.Vault(vault, subject.Bytes.ToArray(), [(new DocumentIdentity(vault, document, 1), blob, content.Bytes.ToArray())]);
    }

    private async Task<SecretKey> EpochAsync(int epoch)
    {
        await using var look = owner.CreateCommand($"select wrapped from epoch_keys where epoch = {epoch}");
        if (await look.ExecuteScalarAsync() is byte[] there) return await scene.Keyring.UnwrapAsync(there, scene.Keyring.KeyId, default);
        var key = SecretKey.Generate();
        var wrapped = await scene.Keyring.WrapAsync(key.Bytes.ToArray(), default);
        await ExecuteAsync("insert into epoch_keys (epoch, root_key_id, wrapped) values ($1, $2, $3)", epoch, wrapped.KeyId, wrapped.Bytes);
        return key;
    }

    private async Task ExecuteAsync(string sql, params object[] values)
    {
        await using var command = owner.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Columns, constraints, indexes, triggers and rights.</summary>
    private static async Task<List<string>> ShapeAsync(TestDatabase of)
    {
        await using var source = NpgsqlDataSource.Create(of.OwnerConnectionString);
        await using var command = source.CreateCommand("""
            select format('%s.%s %s %s %s', table_name, column_name, data_type, is_nullable, column_default) from information_schema.columns where table_schema = 'public'
            union all select format('%s %s', conrelid::regclass, pg_get_constraintdef(oid)) from pg_constraint where connamespace = 'public'::regnamespace
            union all select indexdef from pg_indexes where schemaname = 'public'
            union all select pg_get_triggerdef(oid) from pg_trigger where not tgisinternal
            union all select format('%s may %s %s', grantee, privilege_type, table_name) from information_schema.table_privileges where table_schema = 'public'
            union all select format('%s may %s %s.%s', grantee, privilege_type, table_name, column_name) from information_schema.column_privileges where table_schema = 'public'
            order by 1
            """);
        await using var reader = await command.ExecuteReaderAsync();
        var lines = new List<string>();
        while (await reader.ReadAsync()) lines.Add(reader.GetString(0));
        return lines;
    }
}
