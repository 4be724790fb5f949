using System.Text.RegularExpressions;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace CoffreFort.IntegrationTests.Secrecy;

/// <summary>docs/stores.md lists every store that can hold personal data: an unlisted one would be forgotten at an erasure.</summary>
public sealed partial class StoresTests : IAsyncLifetime
{
    private static readonly HashSet<string> listed = [.. Listed().Matches(File.ReadAllText(Path.Combine(Repository.Root, "docs", "stores.md"))).Select(row => row.Groups["name"].Value)];

    private CoffreFortServer server = null!;

    public async Task InitializeAsync() => server = await CoffreFortServer.StartAsync(seeded: true);

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-342")]
    public async Task each_table_is_listed_and_each_listed_table_exists()
    {
        string[] tables = [.. await TablesAsync(server.JournalDatabase), .. await TablesAsync(server.KeyDatabase)];
        Assert.Equal([], tables.Except(listed).Order());
        Assert.Equal([], listed.Where(name => name.Contains('.', StringComparison.Ordinal)).Except(tables).Order());
    }

    [Fact]
    [Trait("Requirement", "R-342")]
    public async Task each_folder_and_each_log_sink_is_listed()
    {
        await DepositAsync();
        var folders = Directory.EnumerateFileSystemEntries(server.Data).Select(path => Path.GetFileName(path));
        var sinks = server.Services.GetServices<ILoggerProvider>().Select(sink => sink.GetType().Name);
        Assert.Equal([], folders.Concat(sinks).Except(listed).Order());
    }

    [Fact]
    public void a_store_that_nobody_listed_is_seen()
    {
        Directory.CreateDirectory(Path.Combine(server.Data, "thumbnails"));
        Assert.Equal(["thumbnails"], Directory.EnumerateFileSystemEntries(server.Data).Select(path => Path.GetFileName(path)).Except(listed));
    }

    private async Task DepositAsync()
    {
        using var holder = await server.AsAsync("holder");
        using var opened = await holder.PostAsync(new Uri("/api/v1/vaults", UriKind.Relative), null);
        Assert.True(opened.IsSuccessStatusCode);
    }

    private static async Task<List<string>> TablesAsync(TestDatabase database)
    {
        await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
        await using var command = owner.CreateCommand(
            "select table_schema || '.' || table_name from information_schema.tables where table_schema not in ('pg_catalog', 'information_schema')");
        await using var reader = await command.ExecuteReaderAsync();
        List<string> tables = [];
        while (await reader.ReadAsync()) tables.Add(reader.GetString(0));
        return tables;
    }

    [GeneratedRegex(@"^\| `(?<name>[^`]+)` \|", RegexOptions.Multiline)]
    private static partial Regex Listed();
}
