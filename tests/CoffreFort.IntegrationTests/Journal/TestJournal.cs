using System.Text.Json;
using CoffreFort.EventStore;
using Npgsql;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>A journal in a database of its own, with one or more nodes over it, each with its own pool.</summary>
public sealed class TestJournal : IAsyncDisposable
{
    public static readonly EventRegistry Registry = new(JsonSerializerOptions.Default, Account.Types);

    private readonly List<NpgsqlDataSource> sources = [];
    private readonly List<EventStore.Journal> journals = [];
    private readonly TestDatabase database;

    private TestJournal(TestDatabase database)
    {
        this.database = database;
        Owner = Source(database.OwnerConnectionString);
    }

    /// <summary>Connects as the owner of the tables.</summary>
    public NpgsqlDataSource Owner { get; }

    /// <summary>The first node.</summary>
    public EventStore.Journal Journal => journals[0];

    /// <summary>The first node's data source.</summary>
    public NpgsqlDataSource Application => sources[1];

    public static async Task<TestJournal> CreateAsync(PostgresCluster? cluster = null, JournalOptions? options = null)
    {
        cluster ??= await PostgresCluster.Shared;
        var database = await cluster.CreateDatabaseAsync("journal", async empty =>
        {
            await using var owner = NpgsqlDataSource.Create(empty.OwnerConnectionString);
            await JournalSchema.MigrateAsync(owner);
        });
        var journal = new TestJournal(database);
        journal.AddNode(options);
        return journal;
    }

    /// <summary>One more node over the same database.</summary>
    public EventStore.Journal AddNode(JournalOptions? options = null, string? extra = null) =>
        AddNode(Source(database.ApplicationConnectionString + extra), options);

    /// <summary>A data source as a node of its own would have.</summary>
    public NpgsqlDataSource Source(string? connectionString = null)
    {
        var source = NpgsqlDataSource.Create(connectionString ?? database.ApplicationConnectionString);
        sources.Add(source);
        return source;
    }

    public EventStore.Journal AddNode(NpgsqlDataSource source, JournalOptions? options = null)
    {
        journals.Add(new EventStore.Journal(source, Registry, options));
        return journals[^1];
    }

    /// <summary>A node that runs an older or a newer program.</summary>
    public EventStore.Journal AddNode(EventRegistry registry)
    {
        journals.Add(new EventStore.Journal(Source(), registry));
        return journals[^1];
    }

    public string ApplicationConnectionString => database.ApplicationConnectionString;

    public async Task<T> ScalarAsync<T>(string sql, NpgsqlDataSource? source = null)
    {
        await using var command = (source ?? Owner).CreateCommand(sql);
        return (T)(await command.ExecuteScalarAsync())!;
    }

    public async Task ExecuteAsync(string sql, NpgsqlDataSource? source = null)
    {
        await using var command = (source ?? Owner).CreateCommand(sql);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>Ends the backends whose application name or statement is like this; says how many.</summary>
    public async Task<long> TerminateAsync(string applicationName) => await ScalarAsync<long>(
        $"select count(pg_terminate_backend(pid)) from pg_stat_activity where datname = current_database() and application_name = '{applicationName}'");

    public async ValueTask DisposeAsync()
    {
        foreach (var journal in journals) await journal.DisposeAsync();
        foreach (var source in sources) await source.DisposeAsync();
        await database.DisposeAsync();
    }
}

internal static class Appending
{
    public static Task<AppendResult> StartAsync(this EventStore.Journal journal, Guid id, params IEvent[] events)
    {
        var session = journal.OpenSession();
        session.StartStream<Account>(id, events);
        return session.SaveChangesAsync();
    }

    public static async Task<AppendResult> AppendAsync(this EventStore.Journal journal, Guid id, params IEvent[] events)
    {
        var session = journal.OpenSession();
        (await session.FetchForWriting<Account>(id)).Append(events);
        return await session.SaveChangesAsync();
    }
}
