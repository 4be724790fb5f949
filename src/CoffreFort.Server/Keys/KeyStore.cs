using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>The key hierarchy below the epochs: vault keys, and the document, commitment and subject keys under each. Safe for concurrent use.</summary>
/// <remarks>
/// A key whose row is gone was destroyed: asking for it gives null, and what it encrypted is erased. Keys may be taken over to another epoch or generation at any
/// moment: what is read in one statement belongs together, and what is written below a parent that has gone by then is refused by the database and written again.
/// </remarks>
public sealed class KeyStore(KeyDatabase database, EpochKeys epochs)
{
    private const int MostTries = 5;

    // A vault has one key at a time, of whatever generation; a call that is repeated must not make a second one.
    private const string OwnerSql = """
        insert into vault_keys (vault, generation, epoch, wrapped)
        select $1, 1, $2, $3 where not exists (select from vault_keys where vault = $1) on conflict do nothing
        """;

    // Written only together with the vault key that wraps it: on a repeated call neither is.
    private const string OwnersSubjectSql = """
        insert into object_keys (purpose, object, version, vault, generation, wrapped)
        select 3, $1, 1, $1, 1, $2 from vault_keys where vault = $1 and generation = 1 and wrapped = $3
        """;

    private const string VaultSql = "select generation, epoch, wrapped from vault_keys where vault = $1";

    private const string RowsSql = "select purpose, object, version, vault, generation, wrapped from object_keys where ";

    // Each found by its own key, one by one, and compared with the vault only then: as long as nothing has been counted, PostgreSQL takes all keys of a vault, or all
    // of a purpose, for few, and looks through them for each.
    private const string WithParentSql = """
        ) select v.generation, v.epoch, v.wrapped, o.purpose, o.object, o.version, o.wrapped
        from o join vault_keys v on v.vault = o.vault and v.generation = o.generation
        where o.vault = $1
        """;

    private const string TextsSql =
        "insert into object_keys (purpose, object, version, vault, generation, wrapped) values (3, $1, 1, $2, $3, $4) on conflict do nothing";

    // A document has the key of its texts from its first version on. A newer version finds it, or the document was erased: a second one would be another key under the
    // same name, and until it is gone again every text of the document would look damaged rather than erased.
    private const string VersionsSql = """
        insert into object_keys (purpose, object, version, blob, vault, generation, wrapped)
        select key.purpose, $1, $2, $3, $4, $5, key.wrapped from (values (2, $6), (4, $7)) key(purpose, wrapped)
        where $2 = 1 or exists (select from object_keys texts where texts.purpose = 3 and texts.object = $1 and texts.vault = $4)
        """;

    private const string SubjectsSql = "with o as materialized (" +
        "select found.* from unnest($2) wanted(id) cross join lateral (" + RowsSql + "purpose = 3 and object = wanted.id and blob = '' offset 0) found" + WithParentSql;

    private const string VersionSql = "with o as materialized (" + RowsSql + "purpose = $2 and object = $3 and version = $4 and blob = $5" + WithParentSql;

    private const string OpeningSql = "with o as materialized (" +
        RowsSql + "purpose = 2 and object = $2 and version = $3 and blob = $4 union all " + RowsSql + "purpose = 3 and object = $5 and blob = ''" + WithParentSql;

    /// <summary>Makes the keys of a new owner of personal texts (a vault, an agency, an audit), unless they exist.</summary>
    public Task CreateOwnerAsync(Guid owner, CancellationToken cancellation) => WithoutLosingTheParentAsync(async () =>
    {
        var (epoch, epochKey) = await epochs.CurrentAsync(cancellation);
        using (epochKey)
        using (var vaultKey = SecretKey.Generate())
        using (var subject = SecretKey.Generate())
        {
            var wrappedVaultKey = KeyWrapping.Wrap(epochKey, KeyPurpose.Vault, owner, owner, 1, vaultKey);
            await using var batch = database.Source.CreateBatch();
            batch.BatchCommands.Add(Command(OwnerSql, owner, epoch, wrappedVaultKey));
            batch.BatchCommands.Add(Command(OwnersSubjectSql, owner, KeyWrapping.Wrap(vaultKey, KeyPurpose.Subject, owner, owner, 1, subject), wrappedVaultKey));
            await batch.ExecuteNonQueryAsync(cancellation);
        }
    });

    /// <summary>The key of the personal texts of one owner, or null when it was destroyed or never made. The caller disposes of it.</summary>
    public Task<SubjectKey?> SubjectAsync(Guid owner, CancellationToken cancellation) => SubjectAsync(owner, owner, cancellation);

    /// <summary>The key of the personal texts about <paramref name="subject"/>, which lies under the owner's: a document's own texts end with the document.</summary>
    /// <returns>Null when it was destroyed or never made. The caller disposes of it.</returns>
    public async Task<SubjectKey?> SubjectAsync(Guid owner, Guid subject, CancellationToken cancellation) =>
        (await SubjectsAsync(owner, [subject], cancellation)).SingleOrDefault();

    /// <summary>The keys of several subjects under one owner, in one round trip; those that were destroyed are not among them.</summary>
    public async Task<IReadOnlyList<SubjectKey>> SubjectsAsync(Guid owner, IReadOnlyCollection<Guid> subjects, CancellationToken cancellation)
    {
        if (subjects.Count == 0) return [];
        return Subjects(await UnwrapAsync(owner, () => Command(SubjectsSql, owner, subjects.Distinct().ToArray()), cancellation));
    }

    /// <summary>A personal text of one owner, or null when there is none or it was erased.</summary>
    public async Task<string?> RevealAsync(Guid owner, Personal? text, CancellationToken cancellation)
    {
        if (text is null) return null;
        using var key = await SubjectAsync(owner, text.KeyOf(owner), cancellation);
        return text.Reveal(key);
    }

    /// <summary>Makes and stores the keys of one new document version, before its blob is written under them; with its first version, the key of the document's own texts.</summary>
    /// <param name="identity">The version they are for.</param>
    /// <param name="blob">The one ciphertext they are for: should two uploads race for the same version, each has keys of its own.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Null when the vault's keys were destroyed, or those of the document that this is a newer version of: nothing can be put into it any more.</returns>
    public async Task<DocumentKeys?> CreateDocumentAsync(DocumentIdentity identity, BlobName blob, CancellationToken cancellation)
    {
        // The same ones in every try: none is left in memory by one that came to nothing.
        DocumentKeys? keys = new(SecretKey.Generate(), SecretKey.Generate());
        try
        {
            var stored = false;
            await WithoutLosingTheParentAsync(async () => stored = await StoreAsync(identity, blob, keys, cancellation));
            return stored ? Interlocked.Exchange(ref keys, null) : null;
        }
        finally
        {
            keys?.Dispose();
        }
    }

    /// <summary>The content key of one document version, or null when it was destroyed. The caller disposes of it.</summary>
    public Task<SecretKey?> DocumentAsync(DocumentIdentity identity, BlobName blob, CancellationToken cancellation) =>
        VersionAsync(KeyPurpose.Document, identity, blob, cancellation);

    /// <summary>The commitment secret of one document version, or null when it was destroyed. The caller disposes of it.</summary>
    public Task<SecretKey?> CommitmentAsync(DocumentIdentity identity, BlobName blob, CancellationToken cancellation) =>
        VersionAsync(KeyPurpose.Commitment, identity, blob, cancellation);

    /// <summary>What one version's content needs to go out, in one round trip: its content key, and the key under which its file's name stands.</summary>
    /// <param name="identity">The version.</param>
    /// <param name="blob">Its ciphertext.</param>
    /// <param name="texts">Whose key the file's name needs.</param>
    /// <param name="cancellation">Ends the wait.</param>
    /// <returns>Each is null when it was destroyed. The caller disposes of them.</returns>
    public async Task<(SecretKey? Content, SubjectKey? Texts)> OpeningAsync(DocumentIdentity identity, BlobName blob, Guid texts, CancellationToken cancellation)
    {
        var keys = await UnwrapAsync(
            identity.Vault, () => Command(OpeningSql, identity.Vault, identity.Document, checked((int)identity.Version), blob.ToString(), texts), cancellation);
        return (keys.SingleOrDefault(key => key.Purpose == KeyPurpose.Document)?.Key, Subjects(keys.Where(key => key.Purpose == KeyPurpose.Subject)).SingleOrDefault());
    }

    /// <returns>False when the vault's key was destroyed, or that of the document's texts.</returns>
    private async Task<bool> StoreAsync(DocumentIdentity identity, BlobName blob, DocumentKeys keys, CancellationToken cancellation)
    {
        if (await VaultKeyAsync(identity.Vault, cancellation) is not var (generation, parent)) return false;
        using var wrapping = parent;
        using var subject = SecretKey.Generate();
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection);
        if (identity.Version == 1)
            batch.BatchCommands.Add(Command(TextsSql, identity.Document, identity.Vault, generation, KeyWrapping.Wrap(wrapping, KeyPurpose.Subject, identity.Vault, identity.Document, 1, subject)));
        batch.BatchCommands.Add(Command(
            VersionsSql, identity.Document, checked((int)identity.Version), blob.ToString(), identity.Vault, generation,
            KeyWrapping.Wrap(wrapping, KeyPurpose.Document, identity.Vault, identity.Document, identity.Version, keys.Content),
            KeyWrapping.Wrap(wrapping, KeyPurpose.Commitment, identity.Vault, identity.Document, identity.Version, keys.Commitment)));
        await batch.PrepareAsync(cancellation);
        return await batch.ExecuteNonQueryAsync(cancellation) > 0;
    }

    private async Task<SecretKey?> VersionAsync(KeyPurpose purpose, DocumentIdentity identity, BlobName blob, CancellationToken cancellation) =>
        (await UnwrapAsync(
            identity.Vault, () => Command(VersionSql, identity.Vault, (short)purpose, identity.Document, checked((int)identity.Version), blob.ToString()), cancellation)).SingleOrDefault()?.Key;

    private static IReadOnlyList<SubjectKey> Subjects(IEnumerable<ObjectKey> keys) =>
        [.. keys.GroupBy(key => key.Object).Select(generations => new SubjectKey(generations.Key, [.. generations.Select(key => (key.Version, key.Key))]))];

    private async Task<(int Generation, SecretKey Key)?> VaultKeyAsync(Guid vault, CancellationToken cancellation)
    {
        for (var tries = 0; tries < MostTries; tries++)
        {
            var found = await ListAsync(Command(VaultSql, vault), row => (Generation: row.GetInt32(0), Epoch: row.GetInt32(1), Wrapped: row.GetFieldValue<byte[]>(2)), cancellation);
            if (found is not [var (generation, epoch, wrapped)]) return null;
            using var parent = await epochs.FindAsync(epoch, cancellation);
            if (parent is not null) return (generation, KeyWrapping.Unwrap(parent, KeyPurpose.Vault, vault, vault, checked((uint)generation), wrapped));
        }

        throw new CryptographicFailure();
    }

    private async Task<IReadOnlyList<ObjectKey>> UnwrapAsync(Guid vault, Func<NpgsqlBatchCommand> query, CancellationToken cancellation)
    {
        // An epoch that has ended since the row was read: the row is under another one by now.
        for (var tries = 0; tries < MostTries; tries++)
        {
            var rows = await ListAsync(
                query(),
                row => (Generation: row.GetInt32(0), Epoch: row.GetInt32(1), Vault: row.GetFieldValue<byte[]>(2),
                    Purpose: (KeyPurpose)row.GetInt16(3), Object: row.GetGuid(4), Version: checked((uint)row.GetInt32(5)), Wrapped: row.GetFieldValue<byte[]>(6)),
                cancellation);
            if (rows.Count == 0) return [];
            using var epoch = await epochs.FindAsync(rows[0].Epoch, cancellation);
            if (epoch is null) continue;
            using var parent = KeyWrapping.Unwrap(epoch, KeyPurpose.Vault, vault, vault, checked((uint)rows[0].Generation), rows[0].Vault);
            var keys = new List<ObjectKey>(rows.Count);
            try
            {
                foreach (var row in rows)
                    keys.Add(new ObjectKey(row.Purpose, row.Object, row.Version, KeyWrapping.Unwrap(parent, row.Purpose, vault, row.Object, row.Version, row.Wrapped)));
                return keys;
            }
            catch
            {
                foreach (var unwrapped in keys) unwrapped.Key.Dispose();
                throw;
            }
        }

        throw new CryptographicFailure();
    }

    /// <summary>Below a vault key that was replaced, or an epoch that ended, since it was read, the database lets nothing be written.</summary>
    private async Task WithoutLosingTheParentAsync(Func<Task> write)
    {
        for (var tries = 1; ; tries++)
        {
            try
            {
                await write();
                return;
            }
            catch (PostgresException lost) when (lost.SqlState == PostgresErrorCodes.ForeignKeyViolation)
            {
                if (tries == MostTries) throw new Unavailable("The keys that this would be below are being replaced; it can be tried again.");
                // What is kept in memory may be the key of an epoch that another node has ended.
                epochs.Forget();
            }
        }
    }

    private async Task<List<T>> ListAsync<T>(NpgsqlBatchCommand command, Func<NpgsqlDataReader, T> row, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var batch = new NpgsqlBatch(connection) { BatchCommands = { command } };
        // Prepared once on each connection of the pool, and used again and again.
        await batch.PrepareAsync(cancellation);
        await using var reader = await batch.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
        return rows;
    }

    private static NpgsqlBatchCommand Command(string sql, params ReadOnlySpan<object> values)
    {
        var command = new NpgsqlBatchCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private sealed record ObjectKey(KeyPurpose Purpose, Guid Object, uint Version, SecretKey Key);
}
