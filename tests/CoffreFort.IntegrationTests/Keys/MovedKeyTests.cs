using CoffreFort.Cryptography;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Fifty wrapped keys of several vaults, documents, versions, purposes and generations; each put into every other one's row.</summary>
public sealed class MovedKeyTests : IAsyncLifetime
{
    private readonly MemoryRoot root = new();
    private KeyScene scene = null!;

    public async Task InitializeAsync() => scene = await KeyScene.CreateAsync();

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-215")]
    public async Task a_key_in_another_row_than_its_own_unwraps_nowhere()
    {
        var node = scene.AddNode(root);
        var rows = await FillAsync(node);
        Assert.Equal(50, rows.Count);
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        foreach (var row in rows) Assert.True(await OpensAsync(node, row));
        var refused = 0;
        foreach (var target in rows)
        {
            foreach (var from in rows.Where(other => other != target))
            {
                await PutAsync(connection, target, from.Wrapped);
                Assert.False(await OpensAsync(node, target), $"{from} opens as {target}");
                refused++;
            }

            await PutAsync(connection, target, target.Wrapped);
        }

        Assert.Equal(50 * 49, refused);
        foreach (var row in rows) Assert.True(await OpensAsync(node, row));
    }

    /// <summary>Three vaults: their keys, their subject keys of one or two generations, documents with texts, contents and commitments, some of two versions.</summary>
    private async Task<List<Row>> FillAsync(KeyScene.Node node)
    {
        foreach (var (documents, versions) in new[] { (4, 1), (3, 2), (4, 1) })
        {
            var vault = await node.FillAsync(documents);
            if (versions < 2) continue;
            foreach (var (identity, _, _) in vault.Documents) using (await node.Store.CreateDocumentAsync(identity with { Version = 2 }, Server.Edges.Blobs.BlobName.New(), default)) { }
            await new VaultRotation(node.Source, node.Replacement, new KeyActs(node.Source, scene.Journal))
                .RunAsync(vault.Id, DateTimeOffset.UtcNow.AddMinutes(1), "test", Actor.CommandLine(), (_, _) => { }, default);
        }

        var rows = await ListAsync(node, "select 1, vault, vault, generation, '', wrapped from vault_keys union all select purpose, object, vault, version, blob, wrapped from object_keys order by 1, 2, 4, 5");
        while (rows.Count < 50)
        {
            await node.FillAsync(0);
            rows = await ListAsync(node, "select 1, vault, vault, generation, '', wrapped from vault_keys union all select purpose, object, vault, version, blob, wrapped from object_keys order by 1, 2, 4, 5");
        }

        return rows;
    }

    private static async Task<List<Row>> ListAsync(KeyScene.Node node, string sql)
    {
        await using var command = node.Source.Source.CreateCommand(sql);
        await using var reader = await command.ExecuteReaderAsync();
        var rows = new List<Row>();
        while (await reader.ReadAsync())
            rows.Add(new Row((KeyPurpose)reader.GetInt32(0), reader.GetGuid(1), reader.GetGuid(2), reader.GetInt32(3), reader.GetString(4), reader.GetFieldValue<byte[]>(5)));
        return rows;
    }

    private static async Task PutAsync(NpgsqlConnection connection, Row row, byte[] wrapped)
    {
        var sql = row.Purpose == KeyPurpose.Vault
            ? "update vault_keys set wrapped = $1 where vault = $2 and generation = $3"
            : "update object_keys set wrapped = $1 where object = $2 and version = $3 and purpose = $4 and blob = $5";
        await using var command = new NpgsqlCommand(sql, connection) { Parameters = { new() { Value = wrapped }, new() { Value = row.Object }, new() { Value = row.Version } } };
        foreach (var value in row.Purpose == KeyPurpose.Vault ? [] : new object[] { (short)row.Purpose, row.Blob }) command.Parameters.Add(new NpgsqlParameter { Value = value });
        Assert.Equal(1, await command.ExecuteNonQueryAsync());
    }

    /// <summary>As the server asks for it.</summary>
    private static async Task<bool> OpensAsync(KeyScene.Node node, Row row)
    {
        try
        {
            var identity = new DocumentIdentity(row.Vault, row.Object, (uint)row.Version);
            if (row.Purpose is KeyPurpose.Vault or KeyPurpose.Subject)
            {
                using var key = await node.Store.SubjectAsync(row.Vault, row.Purpose == KeyPurpose.Vault ? row.Vault : row.Object, default);
                return key is not null;
            }

            Assert.True(Server.Edges.Blobs.BlobName.TryParse(row.Blob, out var blob));
            using var secret = row.Purpose == KeyPurpose.Document ? await node.Store.DocumentAsync(identity, blob, default) : await node.Store.CommitmentAsync(identity, blob, default);
            return secret is not null;
        }
        catch (CryptographicFailure)
        {
            return false;
        }
    }

    private sealed record Row(KeyPurpose Purpose, Guid Object, Guid Vault, int Version, string Blob, byte[] Wrapped)
    {
        public override string ToString() => $"{Purpose} {Object} {Version} {Blob}";
    }
}
