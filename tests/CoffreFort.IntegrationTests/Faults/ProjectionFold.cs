using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Views;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>Builds every projection anew from the journal beside the one that grew with it, and compares their rows.</summary>
/// <remarks>All in one transaction that is rolled back: the live tables are seen as of one instant, and are not touched.</remarks>
internal static class ProjectionFold
{
    private const int PageSize = 1000;

    /// <summary>Each difference, in a line that names the table and the row; empty when there is none.</summary>
    public static async Task<IReadOnlyList<string>> DifferencesAsync(NpgsqlDataSource owner)
    {
        await using var application = Program.Build(["--data", Path.GetTempPath(), "--ConnectionStrings:Journal", owner.ConnectionString, "--ConnectionStrings:Keys", owner.ConnectionString]);
        var projections = application.Services.GetServices<ISubscription>().OfType<Projection>().ToList();
        await using var journal = new EventStore.Journal(owner, JournalEvents.Registry);
        await using var connection = await owner.OpenConnectionAsync();
        await using var transaction = await connection.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead);
        var cursors = await CursorsAsync(connection);
        await ExecuteAsync(connection, "alter schema coffrefort_views rename to live_views; create schema coffrefort_views; set local search_path = coffrefort_views");
        foreach (var projection in projections)
        {
            await projection.PrepareAsync(connection, CancellationToken.None);
            var page = new List<StoredEvent>();
            await foreach (var stored in journal.ReadAllAsync(0, cursors.GetValueOrDefault(projection.Name)))
            {
                page.Add(stored);
                if (page.Count < PageSize) continue;
                await projection.ApplyAsync(page, connection, CancellationToken.None);
                page.Clear();
            }

            await projection.ApplyAsync(page, connection, CancellationToken.None);
        }

        var differences = new List<string>();
        foreach (var table in await TextsAsync(connection, "select tablename from pg_tables where schemaname = 'coffrefort_views' order by 1"))
        {
            differences.AddRange(await TextsAsync(connection, Difference(table, "coffrefort_views", "live_views", "only in the journal")));
            differences.AddRange(await TextsAsync(connection, Difference(table, "live_views", "coffrefort_views", "only in the view")));
        }

        await transaction.RollbackAsync();
        return differences;
    }

    // Rows as text compare whatever the columns' types are.
    private static string Difference(string table, string here, string there, string what) =>
        $"select '{table}: {what}: ' || r from (select t::text as r from {here}.{table} t except all select t::text from {there}.{table} t) as d";

    private static async Task<Dictionary<string, long>> CursorsAsync(NpgsqlConnection connection)
    {
        await using var command = new NpgsqlCommand("select name, last_seq_id from coffrefort.mt_event_progression", connection);
        await using var reader = await command.ExecuteReaderAsync();
        var cursors = new Dictionary<string, long>();
        while (await reader.ReadAsync()) cursors.Add(reader.GetString(0), reader.GetInt64(1));
        return cursors;
    }

    private static async Task<List<string>> TextsAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await using var reader = await command.ExecuteReaderAsync();
        var texts = new List<string>();
        while (await reader.ReadAsync()) texts.Add(reader.GetString(0));
        return texts;
    }

    private static async Task ExecuteAsync(NpgsqlConnection connection, string sql)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }
}
