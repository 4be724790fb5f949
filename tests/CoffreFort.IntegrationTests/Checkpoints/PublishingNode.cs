using CoffreFort.EventStore;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.Witness;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A node's own <see cref="Checkpointer"/> over a <see cref="TestLog"/>, running until it is disposed of.</summary>
internal sealed class PublishingNode : IAsyncDisposable
{
    /// <summary>Where whoever has the turn stands, in SQL.</summary>
    public const string HasTurn = """
        from pg_locks where locktype = 'advisory' and granted and database = (select oid from pg_database where datname = current_database())
        and (classid::bigint << 32 | objid::bigint) = hashtextextended('coffrefort:checkpoints', 0)
        """;

    private readonly ServiceProvider services;
    private readonly News news = new();

    private PublishingNode(TestLog log, NpgsqlDataSource database, IBlobStore blobs, Witnesses witnesses)
    {
        var checkpoints = new JournalCheckpoints(database);
        services = new ServiceCollection().AddSingleton(checkpoints).AddSingleton(new JournalTree(database)).AddSingleton(log.Keys).AddSingleton(log.Settings)
            .AddSingleton(blobs).AddSingleton(witnesses).AddSingleton(new BegunLog(log.Journal, checkpoints, log.Keys)).BuildServiceProvider();
        Checkpointer = new Checkpointer(database, checkpoints, services, log.Settings, news);
    }

    public Checkpointer Checkpointer { get; }

    public CheckpointState State => Checkpointer.State;

    /// <summary>The first thing that went wrong.</summary>
    public Task<Exception?> Failed => news.Failed.Task;

    /// <param name="name">What its connections are called.</param>
    public static async Task<PublishingNode> StartAsync(TestLog log, string name, IBlobStore? blobs = null, Witnesses? witnesses = null)
    {
        var node = new PublishingNode(log, log.Test.Source($"{log.Test.ApplicationConnectionString};Application Name={name}"), blobs ?? log.Blobs, witnesses ?? log.Witnesses);
        await node.Checkpointer.StartAsync(CancellationToken.None);
        return node;
    }

    public Task CoverAsync(long position) => Checkpointer.CoverAsync(position, TimeSpan.FromSeconds(60));

    public async ValueTask DisposeAsync()
    {
        await Checkpointer.StopAsync(CancellationToken.None);
        Checkpointer.Dispose();
        await services.DisposeAsync();
    }

    private sealed class News : ILogger<Checkpointer>
    {
        public TaskCompletionSource<Exception?> Failed { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning) Failed.TrySetResult(exception);
        }
    }
}
