using System.Security.Cryptography;
using CoffreFort.Cryptography;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>
/// Ends epochs whose month is over: takes every vault key over to the current epoch, or replaces it where a key below it was destroyed, checks that nothing needs the old epoch
/// and that all opens, and destroys the root's key of it (docs/spec/keys.md §4). Each step is committed before the next one: after a kill it goes on. Safe for concurrent use.
/// </summary>
public sealed class EpochRotation(KeyDatabase database, EpochKeys epochs, VaultKeyReplacement replacement, IRootKey root, KeyActs acts, EpochEndSettings settings)
{
    private const int AtOnce = 500;
    private const int MostInVain = 3;

    private const string PageSql = """
        select vault, generation, wrapped, spent from vault_keys where epoch = $1 and (vault, generation) > ($2, $3) order by vault, generation limit $4
        """;

    // What was replaced, destroyed or marked since it was read stays as it is; the next pass sees it.
    private const string MoveSql = """
        with moved as (
            update vault_keys v set epoch = $2, wrapped = n.wrapped from unnest($3, $4, $5, $6) as n(vault, generation, old, wrapped)
            where v.vault = n.vault and v.generation = n.generation and v.epoch = $1 and v.wrapped = n.old and not v.spent returning 1)
        update epoch_keys set rewrapped = rewrapped + (select count(*) from moved) where epoch = $1
        """;

    private const string CountReplacedSql = "update epoch_keys set replaced = replaced + 1, object_keys = object_keys + $2 where epoch = $1";

    /// <summary>A machine that woke up in another month must not end this one: that can't be taken back.</summary>
    /// <exception cref="RotationHalted">This node's clock is not the key database's, or that one's is not right.</exception>
    public async Task RequireRightClockAsync(CancellationToken cancellation)
    {
        var theirs = (await ListAsync("select clock_timestamp()", row => row.GetFieldValue<DateTime>(0), cancellation)).Single();
        var apart = epochs.OwnClock.UtcDateTime - theirs;
        if (apart.Duration() > EpochEnd.Late) throw new RotationHalted($"This node's clock and the key database's are {apart.Duration():c} apart: no epoch is ended until they agree.");
    }

    /// <summary>Ends what is over.</summary>
    /// <param name="actor">Who has it done.</param>
    /// <param name="progress">Told of each step.</param>
    /// <param name="cancellation">Ends it between two steps.</param>
    /// <returns>The epochs that were ended now.</returns>
    /// <exception cref="RotationHalted">Something keeps an epoch from ending; nothing was destroyed.</exception>
    public async Task<IReadOnlyList<int>> RunAsync(Actor actor, IProgress<RotationProgress>? progress, CancellationToken cancellation)
    {
        await acts.RecordAsync(cancellation);
        var (current, key) = await epochs.CurrentAsync(cancellation);
        key.Dispose();
        await root.PrepareEpochAsync(EpochEnd.Next(current), cancellation);
        var over = await ListAsync("select epoch from epoch_keys where epoch < $1 order by epoch", row => row.GetInt32(0), cancellation, current);
        foreach (var epoch in over)
        {
            await TakeOverAsync(epoch, current, actor, progress, cancellation);
            var held = await CheckAsync(epoch, current, progress, cancellation);
            await EndAsync(epoch, current, held, actor, cancellation);
        }

        await DestroyAsync(actor, cancellation);
        return over;
    }

    /// <summary>Passes over the vault keys below the old epoch until none is left, or one that can't be moved.</summary>
    private async Task TakeOverAsync(int epoch, int current, Actor actor, IProgress<RotationProgress>? progress, CancellationToken cancellation)
    {
        var total = await CountAsync(epoch, cancellation);
        var (left, inVain) = (total, 0);
        while (left > 0)
        {
            await PassAsync(epoch, current, done => progress?.Report(new(epoch, RotationSteps.TakingOver, total - left + done, total)), cancellation);
            var remaining = await CountAsync(epoch, cancellation);
            // Others may add some below an epoch that was current when they began; what is damaged stays.
            inVain = remaining < left ? 0 : inVain + 1;
            if (inVain == MostInVain) throw new RotationHalted($"{remaining} vault keys of epoch {epoch} don't open; the epoch stays until they do. coffrefort fsck --only keys names them.");
            left = remaining;
        }
    }

    private async Task PassAsync(int epoch, int current, Action<long> report, CancellationToken cancellation)
    {
        using var old = await epochs.FindAsync(epoch, cancellation);
        if (old is null) return;
        using var target = await epochs.FindAsync(current, cancellation) ?? throw new CryptographicFailure();
        var (after, seen) = ((Vault: Guid.Empty, Generation: 0), 0L);
        while (await PageAsync(epoch, after, cancellation) is { Count: > 0 } page)
        {
            await MoveAsync(epoch, current, [.. page.Where(row => !row.Spent)], old, target, cancellation);
            foreach (var row in page.Where(row => row.Spent)) await ReplaceAsync(epoch, row, cancellation);
            after = (page[^1].Vault, page[^1].Generation);
            report(seen += page.Count);
        }
    }

    /// <summary>One transaction for the page; a key that doesn't unwrap, or wouldn't again, is left where it is.</summary>
    private async Task MoveAsync(int epoch, int current, List<VaultKeyRow> rows, SecretKey old, SecretKey target, CancellationToken cancellation)
    {
        var moved = new List<(VaultKeyRow Row, byte[] Wrapped)>();
        foreach (var row in rows)
        {
            if (Rewrap(row, old, target) is { } wrapped) moved.Add((row, wrapped));
        }

        if (moved.Count == 0) return;
        await using var command = Command(
            MoveSql, epoch, current, moved.Select(one => one.Row.Vault).ToArray(), moved.Select(one => one.Row.Generation).ToArray(),
            moved.Select(one => one.Row.Wrapped).ToArray(), moved.Select(one => one.Wrapped).ToArray());
        await command.ExecuteNonQueryAsync(cancellation);
    }

    private static byte[]? Rewrap(VaultKeyRow row, SecretKey old, SecretKey target)
    {
        try
        {
            using var key = row.Unwrap(old);
            var wrapped = KeyWrapping.Wrap(target, KeyPurpose.Vault, row.Vault, row.Vault, (uint)row.Generation, key);
            using var again = (row with { Wrapped = wrapped }).Unwrap(target);
            return CryptographicOperations.FixedTimeEquals(key.Bytes, again.Bytes) ? wrapped : null;
        }
        catch (CryptographicFailure)
        {
            return null;
        }
    }

    private async Task ReplaceAsync(int epoch, VaultKeyRow row, CancellationToken cancellation)
    {
        try
        {
            await replacement.ReplaceAsync(row.Vault, row.Generation, newSubject: false, async (connection, children) =>
            {
                await using var count = new NpgsqlCommand(CountReplacedSql, connection) { Parameters = { new() { Value = epoch }, new() { Value = (long)children } } };
                await count.ExecuteNonQueryAsync(cancellation);
            }, cancellation);
        }
        catch (CryptographicFailure)
        {
            // It stays below the old epoch, and keeps it.
        }
    }

    /// <summary>The closing check: all that is below the current epoch opens, with the key as the root gives it now.</summary>
    /// <returns>How many vault keys were looked at.</returns>
    private async Task<long> CheckAsync(int epoch, int current, IProgress<RotationProgress>? progress, CancellationToken cancellation)
    {
        using var key = await epochs.UnwrapAsync(current, cancellation) ?? throw new CryptographicFailure();
        var (after, seen, total) = ((Vault: Guid.Empty, Generation: 0), 0L, await CountAsync(current, cancellation));
        while (await PageAsync(current, after, cancellation) is { Count: > 0 } page)
        {
            foreach (var row in page)
            {
                try
                {
                    row.Unwrap(key).Dispose();
                }
                catch (CryptographicFailure)
                {
                    throw new RotationHalted($"The key of vault {row.Vault} doesn't open below epoch {current}: epoch {epoch} stays. coffrefort fsck --only keys names what is damaged.");
                }
            }

            after = (page[^1].Vault, page[^1].Generation);
            seen += page.Count;
            progress?.Report(new(epoch, RotationSteps.Checking, seen, Math.Max(total, seen)));
        }

        return seen;
    }

    /// <summary>The database lets the row go only when no vault key is below it, and none can be put there afterwards.</summary>
    private async Task EndAsync(int epoch, int current, long held, Actor actor, CancellationToken cancellation)
    {
        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var turn = new NpgsqlCommand(EpochKeys.TurnSql, connection)) await turn.ExecuteNonQueryAsync(cancellation);
        KeyEpochRotated? rotated = null;
        await using (var end = new NpgsqlCommand(
            """
            with gone as (delete from epoch_keys where epoch = $1 returning *),
            kept as (insert into ended_epochs (root_key_id, epoch, ended) select root_key_id, epoch, $2 from gone)
            select rewrapped, replaced, object_keys from gone
            """, connection)
        { Parameters = { new() { Value = epoch }, new() { Value = epochs.Now.UtcDateTime } } })
        await using (var reader = await end.ExecuteReaderAsync(cancellation))
        {
            if (await reader.ReadAsync(cancellation)) rotated = new KeyEpochRotated(epoch, current, reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2), held);
        }

        // Another node was quicker.
        if (rotated is null) return;
        await KeyActs.AddAsync(rotated, actor, connection, cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>
    /// Destroys the root's keys of epochs that ended a while ago, once that they ended stands in the journal; also those that an earlier run left. In the while a backup is taken
    /// that opens without them.
    /// </summary>
    private async Task DestroyAsync(Actor actor, CancellationToken cancellation)
    {
        await acts.RecordAsync(cancellation);
        foreach (var (epoch, keyId) in await ListAsync(
            "select epoch, root_key_id from ended_epochs where gone_after is null and ended <= $1 order by epoch", row => (row.GetInt32(0), row.GetString(1)), cancellation,
            (epochs.Now - settings.DestroyAfter).UtcDateTime))
        {
            // An epoch of before each had a key of its own: others may still be below the same one.
            if ((await ListAsync("select 1 from epoch_keys where root_key_id = $1 limit 1", row => row.GetInt32(0), cancellation, keyId)).Count > 0) continue;
            var gone = await root.DestroyAsync(keyId, cancellation) ?? epochs.Now;
            await using var connection = await database.Source.OpenConnectionAsync(cancellation);
            await using var transaction = await connection.BeginTransactionAsync(cancellation);
            await using var note = new NpgsqlCommand("update ended_epochs set gone_after = $2 where epoch = $1 and gone_after is null", connection)
            {
                Parameters = { new() { Value = epoch }, new() { Value = gone.UtcDateTime } },
            };
            if (await note.ExecuteNonQueryAsync(cancellation) == 0) continue;
            await KeyActs.AddAsync(new KeyEpochDestroyed(epoch, gone), actor, connection, cancellation);
            await transaction.CommitAsync(cancellation);
        }

        await acts.RecordAsync(cancellation);
    }

    private Task<List<VaultKeyRow>> PageAsync(int epoch, (Guid Vault, int Generation) after, CancellationToken cancellation) => ListAsync(
        PageSql, row => new VaultKeyRow(row.GetGuid(0), row.GetInt32(1), row.GetFieldValue<byte[]>(2), row.GetBoolean(3)), cancellation, epoch, after.Vault, after.Generation, AtOnce);

    private async Task<long> CountAsync(int epoch, CancellationToken cancellation) =>
        (await ListAsync("select count(*) from vault_keys where epoch = $1", row => row.GetInt64(0), cancellation, epoch)).Single();

    private async Task<List<T>> ListAsync<T>(string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        await using var command = Command(sql, values);
        await using var reader = await command.ExecuteReaderAsync(cancellation);
        var rows = new List<T>();
        while (await reader.ReadAsync(cancellation)) rows.Add(row(reader));
        return rows;
    }

    private NpgsqlCommand Command(string sql, params object[] values)
    {
        var command = database.Source.CreateCommand(sql);
        foreach (var value in values) command.Parameters.Add(new NpgsqlParameter { Value = value });
        return command;
    }

    private sealed record VaultKeyRow(Guid Vault, int Generation, byte[] Wrapped, bool Spent)
    {
        public SecretKey Unwrap(SecretKey parent) => KeyWrapping.Unwrap(parent, KeyPurpose.Vault, Vault, Vault, checked((uint)Generation), Wrapped);
    }
}
