using System.Collections.Concurrent;
using CoffreFort.Cryptography;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>The monthly epoch keys: unwrapped by the root key, kept in memory for a short while only. Safe for concurrent use.</summary>
public sealed class EpochKeys(KeyDatabase database, IRootKey root, TimeProvider clock) : IDisposable
{
    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);
    private readonly ConcurrentDictionary<int, Lazy<Task<Kept>>> _kept = new();

    /// <summary>The epoch under which new vault keys are wrapped: the current month's.</summary>
    public async Task<(int Epoch, SecretKey Key)> CurrentAsync(CancellationToken cancellation)
    {
        var now = clock.GetUtcNow();
        var epoch = (now.Year * 100) + now.Month;
        if (!_kept.ContainsKey(epoch)) await EnsureAsync(epoch, cancellation);
        return (epoch, await FindAsync(epoch));
    }

    /// <summary>A copy of the epoch's key, which the caller disposes of.</summary>
    public async Task<SecretKey> FindAsync(int epoch)
    {
        while (true)
        {
            var lazy = _kept.GetOrAdd(epoch, wanted => new Lazy<Task<Kept>>(() => UnwrapAsync(wanted)));
            try
            {
                var kept = await lazy.Value;
                if (kept.Until > clock.GetUtcNow() && kept.TryCopy() is { } copy) return copy;
                if (_kept.TryRemove(new KeyValuePair<int, Lazy<Task<Kept>>>(epoch, lazy))) kept.Clear();
            }
            catch
            {
                _kept.TryRemove(new KeyValuePair<int, Lazy<Task<Kept>>>(epoch, lazy));
                throw;
            }
        }
    }

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand("select count(*) from epoch_keys");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    public void Dispose()
    {
        foreach (var lazy in _kept.Values)
        {
            if (lazy is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) lazy.Value.Result.Clear();
        }

        _kept.Clear();
    }

    /// <summary>Makes the epoch's key unless another node has; the first one stored counts for all.</summary>
    private async Task EnsureAsync(int epoch, CancellationToken cancellation)
    {
        await using var look = database.Source.CreateCommand("select 1 from epoch_keys where epoch = $1");
        look.Parameters.Add(new NpgsqlParameter<int> { TypedValue = epoch });
        if (await look.ExecuteScalarAsync(cancellation) is not null) return;
        using var key = SecretKey.Generate();
        var wrapped = await root.WrapAsync(key.Bytes.ToArray(), cancellation);
        await using var insert = database.Source.CreateCommand(
            "insert into epoch_keys (epoch, root_key_id, wrapped) values ($1, $2, $3) on conflict do nothing");
        insert.Parameters.Add(new NpgsqlParameter<int> { TypedValue = epoch });
        insert.Parameters.Add(new NpgsqlParameter<string> { TypedValue = root.KeyId });
        insert.Parameters.Add(new NpgsqlParameter<byte[]> { TypedValue = wrapped });
        await insert.ExecuteNonQueryAsync(cancellation);
    }

    private async Task<Kept> UnwrapAsync(int epoch)
    {
        await using var command = database.Source.CreateCommand("select root_key_id, wrapped from epoch_keys where epoch = $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = epoch });
        await using var reader = await command.ExecuteReaderAsync();
        if (!await reader.ReadAsync()) throw new CryptographicFailure();
        var key = await root.UnwrapAsync(reader.GetFieldValue<byte[]>(1), reader.GetString(0), CancellationToken.None);
        return new Kept(key, clock.GetUtcNow() + KeptFor);
    }

    private sealed class Kept(SecretKey key, DateTimeOffset until)
    {
        private readonly Lock _gate = new();
        private bool _cleared;

        public DateTimeOffset Until => until;

        public SecretKey? TryCopy()
        {
            lock (_gate) return _cleared ? null : SecretKey.CopyOf(key.Bytes);
        }

        public void Clear()
        {
            lock (_gate)
            {
                _cleared = true;
                key.Dispose();
            }
        }
    }
}
