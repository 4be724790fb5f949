using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>The key hierarchy below the epochs: vault keys, and the document, commitment and subject keys under each. Safe for concurrent use.</summary>
/// <remarks>A key whose row is gone was destroyed: asking for it gives null, and what it encrypted is erased.</remarks>
public sealed class KeyStore(KeyDatabase database, EpochKeys epochs)
{
    private const int Generation = 1;

    /// <summary>Makes the keys of a new owner of personal texts (a vault, an agency, an audit), unless they exist.</summary>
    public async Task CreateOwnerAsync(Guid owner, CancellationToken cancellation)
    {
        var (epoch, epochKey) = await epochs.CurrentAsync(cancellation);
        using (epochKey)
        using (var vaultKey = SecretKey.Generate())
        using (var subject = SecretKey.Generate())
        {
            var wrappedVaultKey = KeyWrapping.Wrap(epochKey, KeyPurpose.Vault, owner, owner, Generation, vaultKey);
            await using var batch = database.Source.CreateBatch();
            batch.BatchCommands.Add(Command(
                "insert into vault_keys (vault, generation, epoch, wrapped) values ($1, $2, $3, $4) on conflict do nothing",
                owner, Generation, epoch, wrappedVaultKey));
            // Written only together with the vault key that wraps it: on a repeated call neither is.
            batch.BatchCommands.Add(Command(
                """
                insert into object_keys (purpose, object, version, vault, generation, wrapped)
                select 3, $1, 1, $1, $2, $3 from vault_keys where vault = $1 and generation = $2 and wrapped = $4
                """,
                owner, Generation, KeyWrapping.Wrap(vaultKey, KeyPurpose.Subject, owner, owner, 1, subject), wrappedVaultKey));
            await batch.ExecuteNonQueryAsync(cancellation);
        }
    }

    /// <summary>The key of the personal texts of one owner, or null when it was destroyed or never made. The caller disposes of its secret.</summary>
    public Task<SubjectKey?> SubjectAsync(Guid owner, CancellationToken cancellation) => SubjectAsync(owner, owner, cancellation);

    /// <summary>The key of the personal texts about <paramref name="subject"/>, which lies under the owner's: a document's own texts end with the document.</summary>
    /// <returns>Null when it was destroyed or never made. The caller disposes of its secret.</returns>
    public async Task<SubjectKey?> SubjectAsync(Guid owner, Guid subject, CancellationToken cancellation)
    {
        using var parent = await VaultKeyAsync(owner, cancellation);
        var secret = parent is null ? null : await ObjectKeyAsync(parent, KeyPurpose.Subject, owner, subject, 1, "", cancellation);
        return secret is null ? null : new SubjectKey(subject, Generation, secret);
    }

    /// <summary>The keys of several subjects under one owner, in two round trips; those that were destroyed are not among them.</summary>
    public async Task<IReadOnlyList<SubjectKey>> SubjectsAsync(Guid owner, IReadOnlyCollection<Guid> subjects, CancellationToken cancellation)
    {
        using var parent = await VaultKeyAsync(owner, cancellation);
        if (parent is null || subjects.Count == 0) return [];
        await using var command = database.Source.CreateCommand(
            "select object, wrapped from object_keys where purpose = 3 and object = any($1) and version = 1 and blob = '' and vault = $2");
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = [.. subjects] });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = owner });
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var keys = new List<SubjectKey>();
        while (await reader.ReadAsync(cancellation))
        {
            var subject = reader.GetGuid(0);
            keys.Add(new SubjectKey(subject, Generation, KeyWrapping.Unwrap(parent, KeyPurpose.Subject, owner, subject, 1, reader.GetFieldValue<byte[]>(1))));
        }

        return keys;
    }

    /// <summary>A personal text of one owner, or null when there is none or it was erased.</summary>
    public async Task<string?> RevealAsync(Guid owner, Personal? text, CancellationToken cancellation)
    {
        if (text is null) return null;
        var key = await SubjectAsync(owner, text.KeyOf(owner), cancellation);
        using var secret = key?.Secret;
        return text.Reveal(key);
    }

    /// <summary>Makes and stores the keys of one new document version, before its blob is written under them; and the key of the document's own texts, unless it is there.</summary>
    /// <param name="identity">The version they are for.</param>
    /// <param name="blob">The one ciphertext they are for: should two uploads race for the same version, each has keys of its own.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null when the vault's keys were destroyed: nothing can be put into it any more.</returns>
    public async Task<DocumentKeys?> CreateDocumentAsync(DocumentIdentity identity, BlobName blob, CancellationToken cancellation)
    {
        using var parent = await VaultKeyAsync(identity.Vault, cancellation);
        if (parent is null) return null;
        using var subject = SecretKey.Generate();
        var keys = new DocumentKeys(SecretKey.Generate(), SecretKey.Generate());
        await using var batch = database.Source.CreateBatch();
        batch.BatchCommands.Add(Command(
            "insert into object_keys (purpose, object, version, vault, generation, wrapped) values (3, $1, 1, $2, $3, $4) on conflict do nothing",
            identity.Document, identity.Vault, Generation,
            KeyWrapping.Wrap(parent, KeyPurpose.Subject, identity.Vault, identity.Document, 1, subject)));
        foreach (var (purpose, key) in new[] { (KeyPurpose.Document, keys.Content), (KeyPurpose.Commitment, keys.Commitment) })
        {
            batch.BatchCommands.Add(Command(
                "insert into object_keys (purpose, object, version, blob, vault, generation, wrapped) values ($1, $2, $3, $4, $5, $6, $7)",
                (short)purpose, identity.Document, checked((int)identity.Version), blob.ToString(), identity.Vault, Generation,
                KeyWrapping.Wrap(parent, purpose, identity.Vault, identity.Document, identity.Version, key)));
        }

        try
        {
            await batch.ExecuteNonQueryAsync(cancellation);
            return keys;
        }
        catch (PostgresException gone) when (gone.SqlState == PostgresErrorCodes.ForeignKeyViolation)
        {
            // The vault's key was destroyed a moment ago.
            keys.Dispose();
            return null;
        }
    }

    /// <summary>The content key of one document version, or null when it was destroyed. The caller disposes of it.</summary>
    public async Task<SecretKey?> DocumentAsync(DocumentIdentity identity, BlobName blob, CancellationToken cancellation)
    {
        using var parent = await VaultKeyAsync(identity.Vault, cancellation);
        return parent is null
            ? null
            : await ObjectKeyAsync(parent, KeyPurpose.Document, identity.Vault, identity.Document, identity.Version, blob.ToString(), cancellation);
    }

    private async Task<SecretKey?> VaultKeyAsync(Guid vault, CancellationToken cancellation)
    {
        int epoch;
        byte[] wrapped;
        await using (var command = database.Source.CreateCommand("select epoch, wrapped from vault_keys where vault = $1 and generation = $2"))
        {
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = vault });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = Generation });
            await using var reader = await command.ExecuteReaderAsync(cancellation);
            if (!await reader.ReadAsync(cancellation)) return null;
            (epoch, wrapped) = (reader.GetInt32(0), reader.GetFieldValue<byte[]>(1));
        }

        using var parent = await epochs.FindAsync(epoch);
        return KeyWrapping.Unwrap(parent, KeyPurpose.Vault, vault, vault, Generation, wrapped);
    }

    private async Task<SecretKey?> ObjectKeyAsync(
        SecretKey parent, KeyPurpose purpose, Guid vault, Guid subject, uint version, string blob, CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand(
            "select wrapped from object_keys where purpose = $1 and object = $2 and version = $3 and blob = $4");
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = (short)purpose });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = subject });
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = checked((int)version) });
        command.Parameters.Add(new NpgsqlParameter<string> { TypedValue = blob });
        return await command.ExecuteScalarAsync(cancellation) is byte[] wrapped
            ? KeyWrapping.Unwrap(parent, purpose, vault, subject, version, wrapped)
            : null;
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }
}
