using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.IntegrationTests.Blobs;
using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Witness;
using CoffreFort.Transparency;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A journal that publishes its log: own database, own blobs, and the keyring that all of a run's tests share.</summary>
internal sealed class TestLog : IAsyncDisposable
{
    private static readonly Lazy<FileKeyring> Keyring = new(() => FileKeyring.OpenOrCreate(Path.Combine(Directory.CreateTempSubdirectory("coffrefort-log-keys-").FullName, "keyring")));

    private readonly TemporaryFolder folder;

    private TestLog(TestJournal test, IBlobStore blobs, TemporaryFolder folder)
    {
        (Test, this.folder) = (test, folder);
        Blobs = new FaultyBlobStore(blobs);
        Checkpoints = new JournalCheckpoints(test.Application);
        Keys.Make(Settings.Origin);
    }

    public TestJournal Test { get; }

    public EventStore.Journal Journal => Test.Journal;

    public FaultyBlobStore Blobs { get; }

    public JournalCheckpoints Checkpoints { get; }

    public LogSettings Settings { get; } = new("log.example/test", TimeSpan.FromSeconds(1));

    public LogKeys Keys { get; } = new(Keyring);

    public Witnesses Witnesses { get; set; } = new([], required: false);

    public static async Task<TestLog> CreateAsync(int events)
    {
        var folder = new TemporaryFolder();
        var log = new TestLog(await TestJournal.CreateAsync(), await StoredBlobs.NewStoreAsync(folder.Path), folder);
        await log.AppendAsync(events);
        return log;
    }

    public async Task AppendAsync(int events)
    {
        for (var i = 1; i <= events; i++) await Journal.StartAsync(Guid.CreateVersion7(), new Deposited(i, "né à Évreux"));
    }

    /// <summary>One more node's turn: nothing is remembered from an earlier one.</summary>
    public Publication Publication() => new(Checkpoints, new JournalTree(Test.Application), Keys, Settings, Blobs, Witnesses, new BegunLog(Journal, Checkpoints, Keys));

    public async Task<bool> PublishAsync(Publication? publication = null)
    {
        await using var connection = await Test.Application.OpenConnectionAsync();
        return await (publication ?? Publication()).PublishAsync(connection, CancellationToken.None);
    }

    public Task<ForkReport> CompareAsync() =>
        new ForkGuard(Journal, Checkpoints, Test.Application, Keys, Settings, Blobs, Witnesses, new BegunLog(Journal, Checkpoints, Keys)).CompareAsync(CancellationToken.None);

    public async Task<Checkpoint> LastAsync() => Opened((await Checkpoints.LastAsync())!.Note);

    public Checkpoint Opened(string note) => Keys.Fault(note, out var checkpoint) is { } fault ? throw new InvalidOperationException(fault) : checkpoint!;

    public async ValueTask DisposeAsync()
    {
        await Test.DisposeAsync();
        Keys.Dispose();
        folder.Dispose();
    }
}
