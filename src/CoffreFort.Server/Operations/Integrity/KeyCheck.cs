using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>Every wrapped key against its parent and its place, and the keys that events need.</summary>
internal sealed class KeyCheck(KeyDatabase database, IServiceProvider services, DepositedContents contents, IntegrityReport report) : IAsyncDisposable
{
    private const string VaultKeysSql = """
        select vault, generation, epoch, wrapped from vault_keys where $1 or (vault, generation) > ($2, $3) order by vault, generation limit 500
        """;

    private const string ObjectKeysSql = "select purpose, object, version, blob, wrapped from object_keys where vault = $1 and generation = $2";

    private const string NeededSql = """
        select w.document, w.version, w.blob, p.purpose from unnest($1, $2, $3) as w(document, version, blob) cross join (values (2), (3), (4)) as p(purpose)
        where (p.purpose <> 3 or w.version = '1') and not exists (select from object_keys o where o.purpose = p.purpose and o.object = w.document
            and case when p.purpose = 3 then o.version = 1 and o.blob = '' else o.version::text = w.version and o.blob = w.blob end)
        """;

    private const string OwnersSql = """
        select w.owner from unnest($1) as w(owner)
        where not exists (select from object_keys o where o.purpose = 3 and o.object = w.owner and o.version = 1 and o.vault = w.owner)
        """;

    private const string KeptSql = "select distinct object from object_keys where object = any($1) union select vault from vault_keys where vault = any($1)";

    private readonly Dictionary<int, SecretKey?> _epochs = [];

    private readonly HashSet<(string, string)> _told = [];

    /// <summary>Called before each vault's keys are looked at.</summary>
    public Func<Task>? Pace { get; init; }

    public async Task RunAsync(Sample? sample, CancellationToken cancellation)
    {
        await using var snapshot = await ReadSnapshot.BeginAsync(database.Source, cancellation);
        await snapshot.ByIndexAsync(true, cancellation);
        try
        {
            await EpochsAsync(snapshot, cancellation);
            await VaultsAsync(snapshot, sample, cancellation);
            if (sample is null) await NeededAsync(snapshot, cancellation);
            if (sample is null) await DestroyedAsync(snapshot, cancellation);
        }
        finally
        {
            await DisposeAsync();
        }
    }

    public ValueTask DisposeAsync()
    {
        foreach (var key in _epochs.Values) key?.Dispose();
        _epochs.Clear();
        return ValueTask.CompletedTask;
    }

    private async Task EpochsAsync(ReadSnapshot snapshot, CancellationToken cancellation)
    {
        var root = await RootAsync(cancellation);
        foreach (var (epoch, rootKey, wrapped) in await ListAsync(snapshot, "epoch_keys", "select epoch, root_key_id, wrapped from epoch_keys order by epoch",
            row => (row.GetInt32(0), row.GetString(1), row.GetFieldValue<byte[]>(2)), cancellation))
        {
            report.LookedAt("keys");
            _epochs[epoch] = null;
            if (root is null) continue;
            try
            {
                _epochs[epoch] = await root.UnwrapAsync(wrapped, rootKey, cancellation);
                if (epoch % 100 is < 1 or > 12 || epoch / 100 is < 2000 or > 9999) report.Damaged(Areas.Keys, $"epoch_keys epoch={epoch}", "is no month");
            }
            catch (Exception failure) when (failure is CryptographicFailure or RootKeyRefused)
            {
                report.Damaged(Areas.Keys, $"epoch_keys epoch={epoch}", failure is RootKeyRefused ? failure.Message : "does not unwrap under the root key");
            }
        }
    }

    private async Task<IRootKey?> RootAsync(CancellationToken cancellation)
    {
        try
        {
            var root = services.GetRequiredService<IRootKey>();
            await root.OpenAsync(cancellation);
            return root;
        }
        catch (Exception failure) when (failure is RootKeyRefused or IOException or UnauthorizedAccessException)
        {
            report.Damaged(Areas.Keys, "keyring", failure.Message);
            return null;
        }
    }

    private async Task VaultsAsync(ReadSnapshot snapshot, Sample? sample, CancellationToken cancellation)
    {
        var total = (await ListAsync(snapshot, "vault_keys", "select count(*) from vault_keys", row => row.GetInt64(0), cancellation)).FirstOrDefault();
        var done = 0L;
        (Guid Vault, int Generation)? last = null;
        while (await ListAsync(snapshot, "vault_keys", VaultKeysSql, row => new VaultKey(row.GetGuid(0), row.GetInt32(1), row.GetInt32(2), row.GetFieldValue<byte[]>(3)),
            cancellation, last is null, last?.Vault ?? Guid.Empty, last?.Generation ?? 0) is { Count: > 0 } page)
        {
            foreach (var key in page)
            {
                if (sample is null || sample.Takes(total)) await VaultAsync(snapshot, key, cancellation);
                report.Progress(Areas.Keys, ++done, total);
            }

            last = (page[^1].Vault, page[^1].Generation);
        }
    }

    private async Task VaultAsync(ReadSnapshot snapshot, VaultKey row, CancellationToken cancellation)
    {
        if (Pace is not null) await Pace();
        report.LookedAt("keys");
        // Under an epoch that did not unwrap nothing can be said of it, and that epoch was named.
        if (_epochs.GetValueOrDefault(row.Epoch) is not { } epoch) return;
        using var key = TryUnwrap(epoch, KeyPurpose.Vault, row.Vault, row.Vault, row.Generation, row.Wrapped);
        if (key is null)
        {
            report.Damaged(Areas.Keys, $"vault_keys vault={row.Vault} generation={row.Generation}", "does not unwrap under its epoch's key in this place");
            return;
        }

        foreach (var (purpose, subject, version, blob, wrapped) in await ListAsync(snapshot, $"object_keys vault={row.Vault} generation={row.Generation}", ObjectKeysSql,
            item => (item.GetInt16(0), item.GetGuid(1), item.GetInt32(2), item.GetString(3), item.GetFieldValue<byte[]>(4)), cancellation, row.Vault, row.Generation))
        {
            report.LookedAt("keys");
            using var child = TryUnwrap(key, (KeyPurpose)purpose, row.Vault, subject, version, wrapped);
            if (child is null) report.Damaged(Areas.Keys, Thing(purpose, subject, version.ToString(System.Globalization.CultureInfo.InvariantCulture), blob), "does not unwrap under its vault's key in this place");
        }
    }

    private static SecretKey? TryUnwrap(SecretKey parent, KeyPurpose purpose, Guid vault, Guid subject, int version, byte[] wrapped)
    {
        try
        {
            return KeyWrapping.Unwrap(parent, purpose, vault, subject, unchecked((uint)version), wrapped);
        }
        catch (CryptographicFailure)
        {
            return null;
        }
    }

    /// <summary>What the journal's snapshot needs: its keys were made before its events.</summary>
    private async Task NeededAsync(ReadSnapshot snapshot, CancellationToken cancellation)
    {
        for (var last = 0L; await contents.PageAsync(last, cancellation) is { Count: > 0 } page; last = page[^1].Position)
        {
            var missing = await ListAsync(snapshot, "object_keys", NeededSql, row => (Document: row.GetGuid(0), row.GetString(1), row.GetString(2), row.GetInt32(3)),
                cancellation, page.Select(c => c.Document).ToArray(), page.Select(c => c.Version).ToArray(), page.Select(c => c.Blob).ToArray());
            var erased = await contents.ErasedSinceAsync([.. missing.Select(key => key.Document)], cancellation);
            foreach (var (document, version, blob, purpose) in missing.Where(key => !erased.Contains(key.Document)))
                report.Damaged(Areas.Keys, Thing(purpose, document, version, blob), "is missing; an event needs it");
        }

        Guid? after = null;
        while (await OwnersAsync(after, cancellation) is { Count: > 0 } owners)
        {
            var missing = await ListAsync(snapshot, "object_keys", OwnersSql, row => row.GetGuid(0), cancellation, owners.ToArray());
            foreach (var owner in missing.Except(await contents.ErasedSinceAsync([.. missing], cancellation)))
                report.Damaged(Areas.Keys, Thing((int)KeyPurpose.Subject, owner, "1", ""), "is missing; the personal texts of this owner need it");
            after = owners[^1];
        }
    }

    /// <summary>What the journal says is destroyed must not be there: a key database restored from an older backup would hold it.</summary>
    private async Task DestroyedAsync(ReadSnapshot snapshot, CancellationToken cancellation)
    {
        for (var last = 0L; ;)
        {
            var (page, unreadable) = await contents.DestroyedAsync(last, cancellation);
            if (unreadable is not null) report.Damaged(Areas.Keys, "mt_events", $"which keys are destroyed can't be read: {unreadable}");
            if (unreadable is not null || page.Count == 0) return;
            foreach (var kept in await ListAsync(snapshot, "object_keys", KeptSql, row => row.GetGuid(0), cancellation, page.Select(row => row.Stream).ToArray()))
                report.Damaged(Areas.Keys, $"object_keys object={kept}", "is there, and the journal says that it is destroyed; a running server destroys it again within the hour");
            last = page[^1].Position;
        }
    }

    private async Task<List<Guid>> OwnersAsync(Guid? after, CancellationToken cancellation)
    {
        var (owners, unreadable) = await contents.OwnersAsync(after, cancellation);
        if (unreadable is not null) report.Damaged(Areas.Keys, "mt_streams", $"whose keys are needed can't be read: {unreadable}");
        return unreadable is null ? owners : [];
    }

    private static string Thing(int purpose, Guid subject, string version, string blob) => $"object_keys purpose={purpose} object={subject} version={version} blob={blob}";

    /// <summary>What PostgreSQL can't read is named, and what came before it is looked at.</summary>
    private async Task<List<T>> ListAsync<T>(
        ReadSnapshot snapshot, string thing, string sql, Func<NpgsqlDataReader, T> row, CancellationToken cancellation, params object[] values)
    {
        var (rows, unreadable) = await snapshot.TryListAsync(sql, row, cancellation, values);
        if (unreadable is not null && _told.Add((thing, unreadable))) report.Damaged(Areas.Keys, thing, $"PostgreSQL can't read all of it: {unreadable}");
        return rows;
    }

    private sealed record VaultKey(Guid Vault, int Generation, int Epoch, byte[] Wrapped);
}
