using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace CoffreFort.IntegrationTests;

/// <summary>
/// A private PostgreSQL cluster, run by <c>scripts/postgres</c>. It stops and is deleted when disposed, and also when the
/// test process ends in whatever way: the script watches that process.
/// </summary>
public sealed class PostgresCluster : IAsyncDisposable
{
    public const string Owner = "app";
    public const string ApplicationRole = "coffrefort_app";

    private static readonly Lazy<Task<PostgresCluster>> shared = new(() => StartAsync(durable: false));
    private static readonly Lazy<Task<PostgresCluster>> sharedDurable = new(() => StartAsync(durable: true));
    private static int databases;

    private readonly ConcurrentDictionary<string, Lazy<Task<string>>> templates = new();

    private PostgresCluster(string folder, string socketFolder, int processId)
    {
        Folder = folder;
        SocketFolder = socketFolder;
        ProcessId = processId;
    }

    /// <summary>The cluster that all tests of a run share, without fsync; started at first use.</summary>
    public static Task<PostgresCluster> Shared => shared.Value;

    /// <summary>A second shared cluster, durable as in production, for measures that depend on fsync.</summary>
    public static Task<PostgresCluster> SharedDurable => sharedDurable.Value;

    public string Folder { get; }

    /// <summary>Another one after it was stopped and started again.</summary>
    public string SocketFolder { get; private set; }

    /// <summary>The postmaster's id, for tests that kill it.</summary>
    public int ProcessId { get; private set; }

    /// <summary>Starts a cluster that the caller owns: for tests that stop, kill or fill it.</summary>
    public static async Task<PostgresCluster> StartAsync(bool durable)
    {
        var folder = Directory.CreateTempSubdirectory("coffrefort-tests-").FullName;
        var settings = await RunScriptAsync(StartArguments(folder, durable));
        var cluster = new PostgresCluster(folder, settings["PGHOST"], int.Parse(settings["PID"], CultureInfo.InvariantCulture));
        // Migrations of several databases may run at once, and roles belong to the whole cluster: made once, here.
        await cluster.ExecuteAsync($"create role {ApplicationRole} login");
        return cluster;
    }

    /// <summary>Starts it again after it was stopped or killed.</summary>
    public async Task RestartAsync(bool durable)
    {
        var settings = await RunScriptAsync(StartArguments(Folder, durable));
        (SocketFolder, ProcessId) = (settings["PGHOST"], int.Parse(settings["PID"], CultureInfo.InvariantCulture));
    }

    /// <summary><c>kill -9</c> of the postmaster and of all its children: nothing of it runs after this.</summary>
    public async Task KillAsync()
    {
        var children = await File.ReadAllTextAsync($"/proc/{ProcessId}/task/{ProcessId}/children");
        // The postmaster first: else it would see a child die, and begin to recover.
        var ids = $"{ProcessId} {children}".Split(' ', StringSplitOptions.RemoveEmptyEntries);
        foreach (var id in ids)
        {
            try
            {
                using var process = Process.GetProcessById(int.Parse(id, CultureInfo.InvariantCulture));
                process.Kill();
            }
            catch (ArgumentException)
            {
                // It ended by itself meanwhile.
            }
        }

        while (ids.Any(IsAlive)) await Task.Delay(5);
        await using var stale = new NpgsqlConnection(ConnectionString("postgres", Owner));
        NpgsqlConnection.ClearPool(stale);
    }

    public Task StopAsync() => RunScriptAsync("stop", Folder);

    public string ConnectionString(string database, string username) => new NpgsqlConnectionStringBuilder
    {
        Host = SocketFolder,
        Username = username,
        Database = database,
        IncludeErrorDetail = true,
    }.ConnectionString;

    /// <summary>Creates an empty database.</summary>
    public Task<TestDatabase> CreateDatabaseAsync() => CopyDatabaseAsync("template0");

    /// <summary>
    /// Creates a database that starts as <paramref name="prepare"/> left it (migrations, seeds). It runs once a test run for each
    /// <paramref name="template"/> name; every further database is a copy, which takes less than 0.1 s.
    /// </summary>
    public async Task<TestDatabase> CreateDatabaseAsync(string template, Func<TestDatabase, Task> prepare)
    {
        var prepared = templates.GetOrAdd(template, name => new Lazy<Task<string>>(() => PrepareTemplateAsync(prepare)));
        return await CopyDatabaseAsync(await prepared.Value);
    }

    /// <summary>Creates a copy of a database as it stands, as a backup would; whoever is connected to it is thrown out.</summary>
    public async Task<TestDatabase> CopyAsync(TestDatabase source)
    {
        await ExecuteAsync($"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{source.Name}'");
        return await CopyDatabaseAsync(source.Name);
    }

    public async ValueTask DisposeAsync() => await RunScriptAsync("stop", Folder, "--discard");

    /// <summary>Runs SQL as the owner in the cluster's maintenance database.</summary>
    internal async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString("postgres", Owner));
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    /// <summary>A dead process whose parent has not asked after it yet is dead all the same.</summary>
    private static bool IsAlive(string process)
    {
        try
        {
            var status = File.ReadAllText($"/proc/{process}/stat");
            return status[status.LastIndexOf(')') + 2] is not ('Z' or 'X');
        }
        catch (IOException)
        {
            return false;
        }
    }

    private async Task<string> PrepareTemplateAsync(Func<TestDatabase, Task> prepare)
    {
        var database = await CopyDatabaseAsync("template0");
        await prepare(database);
        // A database is copied only while nobody is connected to it, and pooled connections count.
        await ExecuteAsync($"alter database \"{database.Name}\" allow_connections false");
        await ExecuteAsync($"select pg_terminate_backend(pid, 10000) from pg_stat_activity where datname = '{database.Name}'");
        return database.Name;
    }

    private async Task<TestDatabase> CopyDatabaseAsync(string template)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"test_{Interlocked.Increment(ref databases)}");
        await ExecuteAsync($"create database \"{name}\" template \"{template}\"");
        return new TestDatabase(this, name);
    }

    private static string[] StartArguments(string folder, bool durable)
    {
        var self = Environment.ProcessId.ToString(CultureInfo.InvariantCulture);
        string[] arguments = ["start", folder, "--until-exit-of", self, "--discard"];
        return durable ? arguments : [.. arguments, "--fast"];
    }

    private static async Task<Dictionary<string, string>> RunScriptAsync(params string[] arguments)
    {
        var output = await Repository.RunScriptAsync("postgres", arguments);
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries)
            .Select(line => line.Split('=', 2))
            .ToDictionary(pair => pair[0], pair => pair[1]);
    }
}
