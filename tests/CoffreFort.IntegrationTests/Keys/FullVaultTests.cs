using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A vault of many documents, in a database that has not counted its rows yet: so is every new one, and what it plans then is kept.</summary>
public sealed class FullVaultTests : IAsyncLifetime
{
    private const int Others = 2_000;
    private KeyScene scene = null!;

    public async Task InitializeAsync() => scene = await KeyScene.CreateAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    public async Task a_key_is_found_without_looking_through_the_others_of_its_vault()
    {
        await scene.Database.ExecuteAsync("alter table object_keys set (autovacuum_enabled = off)");
        var vault = await scene.First.FillAsync(1);
        var (identity, blob, content) = vault.Documents.Single();
        await scene.Database.ExecuteAsync($"""
            insert into object_keys (purpose, object, version, blob, vault, generation, wrapped)
            select p, md5(i::text)::uuid, 1, case p when 3 then '' else md5(i::text) end, '{vault.Id}', 1, '\x00'
            from generate_series(1, {Others}) i, unnest(array[2, 3, 4]) p
            """);
        var before = await LookedAtAsync();
        for (var i = 0; i < 10; i++) await OpenAsync(identity, blob, content);
        Assert.InRange(await LookedAtAsync() - before, 1, Others / 10);
    }

    private async Task OpenAsync(DocumentIdentity identity, BlobName blob, byte[] expected)
    {
        var store = scene.First.Store;
        using var subject = await store.SubjectAsync(identity.Vault, identity.Document, default);
        Assert.NotNull(subject);
        using var commitment = await store.CommitmentAsync(identity, blob, default);
        Assert.NotNull(commitment);
        var (key, texts) = await store.OpeningAsync(identity, blob, identity.Document, default);
        using (key)
        using (texts) Assert.Equal(expected, key!.Bytes.ToArray());
    }

    /// <summary>Rows of the table that were looked at so far, through its indexes and without; said by the one connection that all of the test goes through.</summary>
    private async Task<long> LookedAtAsync()
    {
        await using var connection = await scene.First.Source.Source.OpenConnectionAsync();
        await using (var flush = new NpgsqlCommand("select pg_stat_force_next_flush()", connection)) await flush.ExecuteNonQueryAsync();
        await using var look = new NpgsqlCommand(
            "select seq_tup_read + (select sum(idx_tup_read) from pg_stat_user_indexes where relname = 'object_keys') from pg_stat_user_tables where relname = 'object_keys'", connection);
        return (long)(decimal)(await look.ExecuteScalarAsync())!;
    }
}
