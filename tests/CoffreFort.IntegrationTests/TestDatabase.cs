using Npgsql;

namespace CoffreFort.IntegrationTests;

/// <summary>A database of its own for one test or test class, dropped on dispose even while connections to it are open.</summary>
public sealed class TestDatabase : IAsyncDisposable
{
    private readonly PostgresCluster cluster;

    internal TestDatabase(PostgresCluster cluster, string name)
    {
        this.cluster = cluster;
        Name = name;
    }

    public string Name { get; }

    /// <summary>Connects as the superuser, who owns the tables.</summary>
    public string OwnerConnectionString => cluster.ConnectionString(Name, PostgresCluster.Owner);

    /// <summary>Connects as the role that serves requests; what it may do is what the migration granted.</summary>
    public string ApplicationConnectionString => cluster.ConnectionString(Name, PostgresCluster.ApplicationRole);

    /// <summary>Runs SQL as the owner.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(OwnerConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var connectionString in new[] { OwnerConnectionString, ApplicationConnectionString })
        {
            await using var connection = new NpgsqlConnection(connectionString);
            NpgsqlConnection.ClearPool(connection);
        }
        await cluster.ExecuteAsync($"drop database if exists \"{Name}\" with (force)");
    }
}
