using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Web;
using CoffreFort.Server;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.Configuration;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>A key database, a journal and a keyring, and the parts of the server that work on them; the clock is the test's.</summary>
internal sealed class KeyScene : IAsyncDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffrefort-keys-").FullName;
    private readonly List<IDisposable> _open = [];
    private readonly Dictionary<string, NpgsqlDataSource> _sources = [];
    private TestDatabase _journal = null!;

    public TestDatabase Database { get; private set; } = null!;

    /// <summary>Where an operator's command finds all of it.</summary>
    public string[] Settings =>
        ["--data", _folder, "--set", $"ConnectionStrings:Journal={_journal.ApplicationConnectionString}", "--set", $"ConnectionStrings:Keys={Database.ApplicationConnectionString}"];

    public ShellClock Clock { get; } = new();

    public EventStore.Journal Journal { get; private set; } = null!;

    /// <summary>The journal's database: nodes take turns there.</summary>
    public NpgsqlDataSource JournalSource => Source(_journal);

    public string JournalOwner => _journal.OwnerConnectionString;

    public FileKeyring Keyring { get; private set; } = null!;

    public Node First { get; private set; } = null!;

    public static async Task<KeyScene> CreateAsync()
    {
        var cluster = await PostgresCluster.Shared;
        var scene = new KeyScene
        {
            _journal = await cluster.CreateDatabaseAsync("journal", database => OwnAsync(database, owner => JournalSchema.MigrateAsync(owner))),
            Database = await cluster.CreateDatabaseAsync("keys", database => OwnAsync(database, owner => KeyDatabase.MigrateAsync(owner, default))),
        };
        await TestKeyring.CopyToAsync(scene._folder);
        scene._open.Add(scene.Keyring = FileKeyring.OpenOrCreate(Path.Combine(scene._folder, "keyring")));
        scene.Journal = new EventStore.Journal(scene.Source(scene._journal), JournalEvents.Registry);
        scene.First = scene.AddNode();
        return scene;
    }

    /// <summary>One more node: keys in memory are its own; connections are shared, for there are many nodes.</summary>
    /// <param name="root">In place of the keyring.</param>
    /// <param name="database">In place of the key database.</param>
    /// <param name="clock">In place of the scene's.</param>
    /// <param name="destroyAfter">How long an ended epoch's root key stays.</param>
    public Node AddNode(IRootKey? root = null, TestDatabase? database = null, TimeProvider? clock = null, TimeSpan destroyAfter = default)
    {
        var source = new KeyDatabase(Source(database ?? Database));
        var epochs = new EpochKeys(source, root ?? Keyring, clock ?? Clock, new ConfigurationBuilder().Build());
        _open.Add(epochs);
        var replacement = new VaultKeyReplacement(source, epochs);
        return new Node(source, epochs, new KeyStore(source, epochs), replacement, new EpochRotation(source, epochs, replacement, root ?? Keyring, new KeyActs(source, Journal), new EpochEndSettings(destroyAfter)));
    }

    /// <summary>So far that this month has ended and what comes after it has begun.</summary>
    public void PassTheMonth() => Clock.Ahead += EpochEnd.EndOf(EpochEnd.Current(Clock.GetUtcNow())) + TimeSpan.FromHours(1) - Clock.GetUtcNow();

    /// <summary>A copy of the key database as it is now: a backup, restored beside it.</summary>
    public async Task<TestDatabase> BackUpAsync()
    {
        foreach (var source in _sources.Values) source.Clear();
        return await (await PostgresCluster.Shared).CopyAsync(Database);
    }

    public async Task<IReadOnlyList<StoredEvent>> ActsAsync() => await Journal.FetchStreamAsync(OperatorActs.Stream);

    public string EpochFile(int epoch) => Path.Combine(_folder, "keyring", $"root-{epoch}.p12");

    public async ValueTask DisposeAsync()
    {
        foreach (var one in _open) one.Dispose();
        foreach (var source in _sources.Values) await source.DisposeAsync();
        await _journal.DisposeAsync();
        await Database.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    private NpgsqlDataSource Source(TestDatabase database)
    {
        if (!_sources.TryGetValue(database.Name, out var source)) _sources[database.Name] = source = NpgsqlDataSource.Create(database.ApplicationConnectionString);
        return source;
    }

    private static async Task OwnAsync(TestDatabase database, Func<NpgsqlDataSource, Task> migrate)
    {
        await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
        await migrate(owner);
    }

    /// <summary>Until so many wait for a lock in the key database; who is waited for must not come to an end before.</summary>
    public async Task UntilWaitingAsync(int count, params Task[] waiting)
    {
        while (await CountAsync("select count(*) from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'") < count)
            Assert.DoesNotContain(waiting, one => one.IsCompleted);
    }

    /// <summary>A number out of the key database.</summary>
    public async Task<long> CountAsync(string sql)
    {
        await using var command = First.Source.Source.CreateCommand(sql);
        return Convert.ToInt64(await command.ExecuteScalarAsync(), System.Globalization.CultureInfo.InvariantCulture);
    }

    internal sealed record Node(KeyDatabase Source, EpochKeys Epochs, KeyStore Store, VaultKeyReplacement Replacement, EpochRotation Rotation)
    {
        public KeyDestruction Destruction { get; } = new(Source);

        public Task<IReadOnlyList<int>> RotateAsync() => Rotation.RunAsync(Actor.Clockwork("test"), null, default);

        /// <summary>A vault with documents, and what their keys are.</summary>
        public async Task<Vault> FillAsync(int documents)
        {
            var vault = Guid.CreateVersion7();
            await Store.CreateOwnerAsync(vault, default);
            var contents = new List<(DocumentIdentity, BlobName, byte[])>();
            for (var i = 0; i < documents; i++)
            {
                var (identity, blob) = (new DocumentIdentity(vault, Guid.CreateVersion7(), 1), BlobName.New());
                using var keys = await Store.CreateDocumentAsync(identity, blob, default);
                contents.Add((identity, blob, keys!.Content.Bytes.ToArray()));
            }

            using var subject = await Store.SubjectAsync(vault, default);
            return new Vault(vault, subject!.Secret.Bytes.ToArray(), contents);
        }

        public async Task DestroyAsync(DocumentIdentity identity)
        {
            await using var delete = Source.Source.CreateCommand("delete from object_keys where object = $1");
            delete.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = identity.Document });
            Assert.Equal(3, await delete.ExecuteNonQueryAsync());
        }

        public async Task<int> GenerationAsync(Guid vault)
        {
            await using var command = Source.Source.CreateCommand("select generation from vault_keys where vault = $1");
            command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = vault });
            return (int)(await command.ExecuteScalarAsync())!;
        }

        /// <summary>Everything opens, and to the same keys.</summary>
        public async Task AssertReadsAsync(Vault vault, params DocumentIdentity[] erased)
        {
            using var subject = await Store.SubjectAsync(vault.Id, default);
            Assert.Equal(vault.Subject, subject!.Of(1)!.Bytes.ToArray());
            foreach (var (identity, blob, expected) in vault.Documents)
            {
                using var key = await Store.DocumentAsync(identity, blob, default);
                if (erased.Contains(identity)) Assert.Null(key);
                else Assert.Equal(expected, key!.Bytes.ToArray());
            }
        }
    }

    internal sealed record Vault(Guid Id, byte[] Subject, List<(DocumentIdentity Identity, BlobName Blob, byte[] Key)> Documents);
}
