using System.Security.Cryptography;
using CoffreFort.Cryptography;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>
/// Replaces one vault's key by one of the next generation: takes every key below it over, checks each as it is stored then, and destroys the old one, in one
/// transaction. So a kill leaves the one or the other, never half of both. Safe for concurrent use.
/// </summary>
public sealed class VaultKeyReplacement(KeyDatabase database, EpochKeys epochs)
{
    // First those below, in the order in which they are destroyed too: neither waits for the other with something in hand.
    private const string HoldSql = "select from object_keys where vault = $1 and generation = $2 order by purpose, object, version, blob for update";

    // Whoever writes below this key right now holds its row, and is waited for; whoever comes later waits, and then finds it gone.
    private const string LockSql = "select epoch, wrapped from vault_keys where vault = $1 and generation = $2 for update";

    private const string ChildrenSql = "select purpose, object, version, blob, wrapped from object_keys where vault = $1 and generation = $2";

    private const string AddSql = "insert into vault_keys (vault, generation, epoch, wrapped) values ($1, $2, $3, $4)";

    // Updated, never inserted: what somebody destroys meanwhile doesn't come back.
    private const string MoveSql = """
        update object_keys o set generation = $2, wrapped = n.wrapped from unnest($3, $4, $5, $6, $7) as n(purpose, object, version, blob, wrapped)
        where o.vault = $1 and (o.purpose, o.object, o.version, o.blob) = (n.purpose, n.object, n.version, n.blob)
        """;

    private const string SubjectSql = "insert into object_keys (purpose, object, version, vault, generation, wrapped) values (3, $1, $3, $1, $2, $4)";

    private const string EndSql = "delete from vault_keys where vault = $1 and generation = $2";

    /// <param name="vault">Whose key.</param>
    /// <param name="generation">The one to replace.</param>
    /// <param name="newSubject">Texts of the future get a key of their own too; the earlier one goes on opening what it sealed.</param>
    /// <param name="within">More to do in the same transaction, given how many keys were taken over.</param>
    /// <param name="cancellation">Ends it; nothing is changed then.</param>
    /// <returns>How many keys were taken over; null when that generation is gone: somebody replaced or destroyed it.</returns>
    /// <exception cref="CryptographicFailure">One of its keys doesn't unwrap; nothing was changed.</exception>
    public async Task<int?> ReplaceAsync(Guid vault, int generation, bool newSubject, Func<NpgsqlConnection, int, Task> within, CancellationToken cancellation)
    {
        var (epoch, epochKey) = await epochs.CurrentAsync(cancellation);
        using var current = epochKey;
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await ExecuteAsync(connection, HoldSql, cancellation, vault, generation);
        if (await ListAsync(connection, LockSql, row => (row.GetInt32(0), row.GetFieldValue<byte[]>(1)), cancellation, vault, generation) is not [var (oldEpoch, wrapped)]) return null;
        // It is there: the database ends no epoch that this row is below.
        using var parent = await epochs.FindAsync(oldEpoch, cancellation) ?? throw new CryptographicFailure();
        using var old = KeyWrapping.Unwrap(parent, KeyPurpose.Vault, vault, vault, checked((uint)generation), wrapped);
        using var fresh = SecretKey.Generate();
        var next = checked(generation + 1);
        await ExecuteAsync(connection, AddSql, cancellation, vault, next, epoch, KeyWrapping.Wrap(current, KeyPurpose.Vault, vault, vault, (uint)next, fresh));
        var children = await ChildrenAsync(connection, vault, generation, cancellation);
        await MoveAsync(connection, vault, next, children, old, fresh, cancellation);
        if (newSubject) await AddSubjectAsync(connection, vault, next, children, fresh, cancellation);
        await CheckAsync(connection, vault, next, children, old, current, cancellation);
        await ExecuteAsync(connection, EndSql, cancellation, vault, generation);
        await within(connection, children.Count);
        await transaction.CommitAsync(cancellation);
        return children.Count;
    }

    private static async Task MoveAsync(NpgsqlConnection connection, Guid vault, int next, List<Child> children, SecretKey old, SecretKey fresh, CancellationToken cancellation)
    {
        var wrapped = new byte[children.Count][];
        for (var i = 0; i < children.Count; i++)
        {
            using var key = children[i].Unwrap(vault, old);
            wrapped[i] = KeyWrapping.Wrap(fresh, children[i].Purpose, vault, children[i].Object, children[i].Version, key);
        }

        await ExecuteAsync(
            connection, MoveSql, cancellation, vault, next, children.Select(child => (short)child.Purpose).ToArray(), children.Select(child => child.Object).ToArray(),
            children.Select(child => (int)child.Version).ToArray(), children.Select(child => child.Blob).ToArray(), wrapped);
    }

    private static async Task AddSubjectAsync(NpgsqlConnection connection, Guid vault, int next, List<Child> children, SecretKey fresh, CancellationToken cancellation)
    {
        var version = checked(children.Where(child => child.Purpose == KeyPurpose.Subject && child.Object == vault).Select(child => (int)child.Version).DefaultIfEmpty(0).Max() + 1);
        if (version == 1) return;
        using var subject = SecretKey.Generate();
        await ExecuteAsync(connection, SubjectSql, cancellation, vault, next, version, KeyWrapping.Wrap(fresh, KeyPurpose.Subject, vault, vault, (uint)version, subject));
    }

    /// <summary>What is stored now opens from the epoch's key down, and to the same keys: before the only other way to them goes.</summary>
    private static async Task CheckAsync(NpgsqlConnection connection, Guid vault, int next, List<Child> before, SecretKey old, SecretKey current, CancellationToken cancellation)
    {
        var stored = await ListAsync(connection, LockSql, row => row.GetFieldValue<byte[]>(1), cancellation, vault, next);
        using var parent = KeyWrapping.Unwrap(current, KeyPurpose.Vault, vault, vault, (uint)next, stored.Single());
        var known = before.ToDictionary(child => (child.Purpose, child.Object, child.Version, child.Blob));
        var after = await ChildrenAsync(connection, vault, next, cancellation);
        if (after.Count < before.Count) throw new CryptographicFailure();
        foreach (var child in after)
        {
            using var key = child.Unwrap(vault, parent);
            if (!known.TryGetValue((child.Purpose, child.Object, child.Version, child.Blob), out var one)) continue;
            using var same = one.Unwrap(vault, old);
            if (!CryptographicOperations.FixedTimeEquals(key.Bytes, same.Bytes)) throw new CryptographicFailure();
        }
    }

    private static Task<List<Child>> ChildrenAsync(NpgsqlConnection connection, Guid vault, int generation, CancellationToken cancellation) => ListAsync(
        connection, ChildrenSql,
        row => new Child((KeyPurpose)row.GetInt16(0), row.GetGuid(1), checked((uint)row.GetInt32(2)), row.GetString(3), row.GetFieldValue<byte[]>(4)), cancellation, vault, generation);

    private static async Task<List<T>> ListAsync<T>(NpgsqlConnection connection, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
        return rows;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(connection, sql, values);
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static NpgsqlCommand Command(NpgsqlConnection connection, string sql, object[] values)
    {
        var command = new NpgsqlCommand(sql, connection);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private sealed record Child(KeyPurpose Purpose, Guid Object, uint Version, string Blob, byte[] Wrapped)
    {
        public SecretKey Unwrap(Guid vault, SecretKey parent) => KeyWrapping.Unwrap(parent, Purpose, vault, Object, Version, Wrapped);
    }
}
