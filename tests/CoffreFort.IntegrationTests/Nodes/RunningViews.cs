using Npgsql;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>Which node runs which view, read beside the server.</summary>
internal static class RunningViews
{
    // Whoever holds a view's lock runs it; a node that died may still be written down.
    private const string Sql = """
        select s.name, s.node from coffrefort.subscriptions s join pg_locks l on l.locktype = 'advisory' and l.granted and l.objsubid = 1
            and l.database = (select oid from pg_database where datname = current_database())
            and (l.classid::bigint << 32 | l.objid::bigint) = hashtextextended('coffrefort:' || s.name, 0)
        where s.node is not null
        """;

    /// <summary>The views that run, each with its node's <see cref="ServerProcess.Name"/>.</summary>
    public static async Task<Dictionary<string, string>> ReadAsync(NpgsqlDataSource owner)
    {
        await using var command = owner.CreateCommand(Sql);
        await using var reader = await command.ExecuteReaderAsync();
        var running = new Dictionary<string, string>();
        while (await reader.ReadAsync()) running.Add(reader.GetString(0), reader.GetString(1));
        return running;
    }

    /// <summary>The node that runs most of them.</summary>
    public static ServerProcess Busiest(this IReadOnlyList<ServerProcess> nodes, Dictionary<string, string> running)
    {
        var busiest = nodes.MaxBy(node => running.Values.Count(name => name == node.Name))!;
        Assert.True(running.ContainsValue(busiest.Name), "None of these nodes runs a view.");
        return busiest;
    }
}
