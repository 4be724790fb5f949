using System.Collections.Concurrent;
using System.Security.Cryptography;
using CoffreFort.Cryptography;
using Npgsql;

namespace CoffreFort.Server.Keys;

/// <summary>The monthly epoch keys: unwrapped by the root key, kept in memory for five minutes and cleared then, also when nobody asks again. Safe for concurrent use.</summary>
public sealed class EpochKeys(KeyDatabase database, IRootKey root, TimeProvider clock, IConfiguration configuration) : IDisposable
{
    /// <summary>Who begins an epoch and who ends one do it one after the other.</summary>
    internal const string TurnSql = "select pg_advisory_xact_lock(hashtext('coffrefort-epochs'))";

    private static readonly TimeSpan KeptFor = TimeSpan.FromMinutes(5);

    private const string BeginSql = """
        insert into epoch_keys (epoch, root_key_id, wrapped)
        select $1, $2, $3 where not exists (select from ended_epochs where epoch >= $1) on conflict do nothing
        """;

    private readonly TimeSpan _offset = configuration.GetValue<TimeSpan>("Journal:ClockOffset");
    private readonly ConcurrentDictionary<int, Lazy<Task<Kept>>> _kept = new();

    /// <summary>The time by which epochs go: this node's, and ahead of it in a drill as the journal's is.</summary>
    public DateTimeOffset Now => clock.GetUtcNow() + _offset;

    /// <summary>This node's clock, without what a drill adds to it.</summary>
    internal DateTimeOffset OwnClock => clock.GetUtcNow();

    /// <summary>The epoch under which vault keys are wrapped now, and its key, which the caller disposes of.</summary>
    public async Task<(int Epoch, SecretKey Key)> CurrentAsync(CancellationToken cancellation)
    {
        var epoch = EpochEnd.Current(Now);
        if (await FindAsync(epoch, cancellation) is { } key) return (epoch, key);
        await BeginAsync(epoch, cancellation);
        return (epoch, await FindAsync(epoch, cancellation)
            ?? throw new Unavailable($"Epoch {epoch} or a later one has ended already: this node's clock is behind, and what it wrapped under that epoch would be lost."));
    }

    /// <summary>A copy of the epoch's key, which the caller disposes of; null when there is none: it ended.</summary>
    public async Task<SecretKey?> FindAsync(int epoch, CancellationToken cancellation)
    {
        while (true)
        {
            var lazy = _kept.GetOrAdd(epoch, wanted => new Lazy<Task<Kept>>(() => KeepAsync(wanted)));
            Kept kept;
            try
            {
                kept = await lazy.Value.WaitAsync(cancellation);
            }
            catch
            {
                if (lazy.Value.IsCompleted) _kept.TryRemove(new KeyValuePair<int, Lazy<Task<Kept>>>(epoch, lazy));
                throw;
            }

            if (kept.TryCopy(clock.GetUtcNow()) is { } copy) return copy;
            if (_kept.TryRemove(new KeyValuePair<int, Lazy<Task<Kept>>>(epoch, lazy))) kept.Dispose();
            if (kept.IsMissing) return null;
        }
    }

    /// <summary>The epoch's key, as the root gives it now; what is kept in memory proves nothing of that.</summary>
    public async Task<SecretKey?> UnwrapAsync(int epoch, CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand("select root_key_id, wrapped from epoch_keys where epoch = $1");
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = epoch });
        string keyId;
        byte[] wrapped;
        await using (var reader = await command.ExecuteReaderAsync(cancellation))
        {
            if (!await reader.ReadAsync(cancellation)) return null;
            (keyId, wrapped) = (reader.GetString(0), reader.GetFieldValue<byte[]>(1));
        }

        return await root.UnwrapAsync(wrapped, keyId, cancellation);
    }

    /// <summary>How many there are.</summary>
    public async Task<long> CountAsync(CancellationToken cancellation)
    {
        await using var command = database.Source.CreateCommand("select count(*) from epoch_keys");
        return (long)(await command.ExecuteScalarAsync(cancellation))!;
    }

    /// <summary>Clears what is kept: the next one who asks learns how things are now.</summary>
    public void Forget()
    {
        foreach (var (epoch, lazy) in _kept)
        {
            if (lazy is { IsValueCreated: true, Value.IsCompletedSuccessfully: true } && _kept.TryRemove(new KeyValuePair<int, Lazy<Task<Kept>>>(epoch, lazy))) lazy.Value.Result.Dispose();
        }
    }

    public void Dispose()
    {
        foreach (var lazy in _kept.Values)
        {
            if (lazy is { IsValueCreated: true, Value.IsCompletedSuccessfully: true }) lazy.Value.Result.Dispose();
        }

        _kept.Clear();
    }

    /// <summary>Makes the epoch's key unless another node has; the first one stored counts for all. An epoch that ended never begins again.</summary>
    private async Task BeginAsync(int epoch, CancellationToken cancellation)
    {
        // Before the root makes a key that nobody would destroy again.
        await using var look = database.Source.CreateCommand("select 1 from ended_epochs where epoch >= $1 limit 1");
        look.Parameters.Add(new NpgsqlParameter<int> { TypedValue = epoch });
        if (await look.ExecuteScalarAsync(cancellation) is not null) return;
        await RequireOwnRootAsync(epoch, cancellation);
        using var key = SecretKey.Generate();
        var bare = key.Bytes.ToArray();
        RootWrapped wrapped;
        try
        {
            wrapped = await root.WrapAsync(epoch, bare, cancellation);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(bare);
        }

        await using var connection = await database.Source.OpenConnectionAsync(cancellation);
        await using var transaction = await connection.BeginTransactionAsync(cancellation);
        await using (var turn = new NpgsqlCommand(TurnSql, connection)) await turn.ExecuteNonQueryAsync(cancellation);
        await using var insert = new NpgsqlCommand(BeginSql, connection)
        {
            Parameters = { new() { Value = epoch }, new() { Value = wrapped.KeyId }, new() { Value = wrapped.Bytes } },
        };
        await insert.ExecuteNonQueryAsync(cancellation);
        await transaction.CommitAsync(cancellation);
    }

    /// <summary>A keyring that belongs to another database, or a new one in the place of this one's, would begin an epoch beside those that it can't open.</summary>
    /// <exception cref="RootKeyRefused">The root at hand doesn't open the newest epoch there is.</exception>
    private async Task RequireOwnRootAsync(int epoch, CancellationToken cancellation)
    {
        await using var newest = database.Source.CreateCommand("select max(epoch) from epoch_keys");
        if (await newest.ExecuteScalarAsync(cancellation) is not int known) return;
        try
        {
            (await UnwrapAsync(known, cancellation))?.Dispose();
        }
        catch (Exception failure) when (failure is RootKeyRefused or CryptographicFailure)
        {
            throw new RootKeyRefused($"Epoch {epoch} is not begun: the root key at hand is not the one that epoch {known} was begun with. {failure.Message}");
        }
    }

    /// <summary>Not cancelled with whoever asked first: others wait for the same.</summary>
    private async Task<Kept> KeepAsync(int epoch) => new(await UnwrapAsync(epoch, CancellationToken.None), clock, KeptFor);

    private sealed class Kept : IDisposable
    {
        private readonly Lock _gate = new();
        private readonly SecretKey? _key;
        private readonly DateTimeOffset _until;
        private readonly ITimer? _timer;
        private bool _cleared;

        public Kept(SecretKey? key, TimeProvider clock, TimeSpan keptFor)
        {
            (_key, _until) = (key, clock.GetUtcNow() + keptFor);
            if (key is not null) _timer = clock.CreateTimer(static kept => ((Kept)kept!).Clear(), this, keptFor, Timeout.InfiniteTimeSpan);
        }

        public bool IsMissing => _key is null;

        public SecretKey? TryCopy(DateTimeOffset now)
        {
            lock (_gate) return _cleared || _key is null || now >= _until ? null : SecretKey.CopyOf(_key.Bytes);
        }

        public void Dispose()
        {
            _timer?.Dispose();
            Clear();
        }

        private void Clear()
        {
            lock (_gate)
            {
                _cleared = true;
                _key?.Dispose();
            }
        }
    }
}
