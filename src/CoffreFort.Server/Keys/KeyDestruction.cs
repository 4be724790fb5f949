using CoffreFort.Server.Edges.Blobs;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>Destroys keys, for good: what they encrypted can't be read any more, wherever it lies. Doing it again changes nothing. Safe for concurrent use.</summary>
public sealed class KeyDestruction(KeyDatabase database)
{
    /// <summary>All keys of one document: of each version's content, of the commitments, of its own texts.</summary>
    /// <param name="vault">Its vault.</param>
    /// <param name="document">The document.</param>
    /// <param name="cancellation">Ends the wait, perhaps after they were destroyed.</param>
    public Task DocumentAsync(Guid vault, Guid document, CancellationToken cancellation) => RunAsync(
        cancellation, new NpgsqlBatchCommand("delete from object_keys where vault = $1 and object = $2 and object <> vault") { Parameters = { Value(vault), Value(document) } });

    /// <summary>The keys of an upload that became nothing: of this one ciphertext, and of the document's own texts if it never had another.</summary>
    /// <remarks>One after the other for a document: two at once would each see the other's keys, and both leave that of its texts.</remarks>
    public Task UploadAsync(Guid vault, Guid document, BlobName blob, CancellationToken cancellation) => RunAsync(
        cancellation,
        new("select pg_advisory_xact_lock(hashtextextended('coffrefort-upload ' || $1::text, 0))") { Parameters = { Value(document) } },
        new("delete from object_keys where vault = $1 and object = $2 and blob = $3") { Parameters = { Value(vault), Value(document), Value(blob.ToString()) } },
        new("""
            delete from object_keys o where vault = $1 and object = $2 and purpose = 3 and object <> vault
            and not exists (select from object_keys other where other.vault = $1 and other.object = $2 and other.purpose <> 3)
            """) { Parameters = { Value(vault), Value(document) } });

    /// <summary>The same for whatever was uploaded as these blobs.</summary>
    public async Task UploadsAsync(IReadOnlyCollection<BlobName> blobs, CancellationToken cancellation)
    {
        var uploads = new List<(Guid Vault, Guid Document, BlobName Blob)>();
        await using (var command = database.Source.CreateCommand("select distinct vault, object, blob from object_keys where blob = any($1) and blob <> ''"))
        {
            command.Parameters.Add(new NpgsqlParameter<string[]> { TypedValue = [.. blobs.Select(blob => blob.ToString())] });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            while (await reader.ReadAsync(cancellation)) uploads.Add((reader.GetGuid(0), reader.GetGuid(1), BlobName.Parse(reader.GetString(2))));
        }

        foreach (var (vault, document, blob) in uploads) await UploadAsync(vault, document, blob, cancellation);
    }

    /// <summary>All keys of a vault with its own: whatever was sealed for it, also what nobody names.</summary>
    public async Task VaultAsync(Guid vault, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                await RunAsync(cancellation, new NpgsqlBatchCommand("with gone as (delete from object_keys where vault = $1) delete from vault_keys where vault = $1") { Parameters = { Value(vault) } });
                return;
            }
            catch (PostgresException met) when (met.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                // Somebody added a key meanwhile; it is seen now, and once the vault's own key is gone none can be added.
            }
        }
    }

    /// <summary>Which of these documents or vaults have keys.</summary>
    public async Task<IReadOnlyList<Guid>> FindKeptAsync(IReadOnlyCollection<Guid> erased, CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand(
            "select object from object_keys where object = any($1) union select vault from vault_keys where vault = any($1)");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. erased] });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var kept = new List<Guid>();
        while (await reader.ReadAsync(cancellation)) kept.Add(reader.GetGuid(0));
        return kept;
    }

    private async Task RunAsync(CancellationToken cancellation, params NpgsqlBatchCommand[] commands)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection, transaction);
        foreach (var command in commands) batch.BatchCommands.Add(command);
        await batch.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    private static NpgsqlParameter<T> Value<T>(T value) => new() { TypedValue = value };
}
