using System.Diagnostics;
using Npgsql;

namespace CoffreFort.IntegrationTests.Infrastructure;

public sealed class PostgresClusterTests
{
    [Fact]
    public async Task databases_of_one_template_are_prepared_once_and_share_nothing_afterwards()
    {
        var cluster = await PostgresCluster.Shared;
        var prepared = 0;
        Task Prepare(TestDatabase database)
        {
            prepared++;
            return database.ExecuteAsync($"create table t (x int); grant insert on t to {PostgresCluster.ApplicationRole}");
        }

        await using var first = await cluster.CreateDatabaseAsync("shares-nothing", Prepare);
        await using var second = await cluster.CreateDatabaseAsync("shares-nothing", Prepare);
        await first.ExecuteAsync("insert into t values (1)");

        Assert.Equal(1, prepared);
        Assert.Equal(1L, await ScalarAsync(first.OwnerConnectionString, "select count(*) from t"));
        Assert.Equal(0L, await ScalarAsync(second.OwnerConnectionString, "select count(*) from t"));
    }

    [Fact]
    public async Task the_application_role_is_bound_by_its_grants()
    {
        await using var database = await (await PostgresCluster.Shared).CreateDatabaseAsync();
        await database.ExecuteAsync("create table secret (x int)");

        var refusal = await Assert.ThrowsAsync<PostgresException>(
            () => ScalarAsync(database.ApplicationConnectionString, "select count(*) from secret"));

        Assert.Equal(PostgresErrorCodes.InsufficientPrivilege, refusal.SqlState);
    }

    [Fact]
    public async Task a_durable_cluster_keeps_what_was_committed_before_it_was_killed()
    {
        await using var cluster = await PostgresCluster.StartAsync(durable: true);
        await using var database = await cluster.CreateDatabaseAsync();
        await database.ExecuteAsync("create table t (x int); insert into t values (42)");
        Assert.Equal("on", await ScalarAsync(database.OwnerConnectionString, "show fsync"));

        using (var postmaster = Process.GetProcessById(cluster.ProcessId))
        {
            postmaster.Kill();
            await postmaster.WaitForExitAsync();
        }
        NpgsqlConnection.ClearAllPools();
        await cluster.RestartAsync(durable: true);

        Assert.Equal(42, await ScalarAsync(database.OwnerConnectionString, "select x from t"));
    }

    private static async Task<object?> ScalarAsync(string connectionString, string sql)
    {
        await using var connection = new NpgsqlConnection(connectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync();
    }
}
