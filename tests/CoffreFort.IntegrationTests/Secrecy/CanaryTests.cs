using System.Diagnostics;
using System.Globalization;
using System.Text;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Secrecy;

/// <summary>What a person wrote or deposited stands nowhere in the clear: not in a blob, a file, a table, a log, or what is left behind.</summary>
public sealed class CanaryTests(ITestOutputHelper output) : IAsyncLifetime
{
    private const int Count = 200;

    private readonly Canaries canaries = new(Count);
    private readonly Canaries open = new(4);
    private ServerProcess server = null!;

    public async Task InitializeAsync() => server = await ServerProcess.StartAsync("--demo:seed", "true", "--Logging:LogLevel:Default", "Debug");

    public async Task DisposeAsync() => await server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-233")]
    public async Task no_canary_is_found_in_any_form_in_anything_the_server_left()
    {
        var story = new CanaryStory(server, canaries, open);
        await story.TellAsync();
        var dumps = Directory.CreateDirectory(Path.Combine(server.Folder, "dumps")).FullName;
        await DumpAsync(server.JournalDatabase, dumps);
        await DumpAsync(server.KeyDatabase, dumps);

        // Data folder, log, temporary folder and dumps; then PostgreSQL's own files, write-ahead log included.
        string[] blobs = Azurite.HoldsTheSuite ? [(await Azurite.Shared).Folder] : [];
        foreach (var folder in (string[])[server.Folder, server.DatabaseFolder, .. blobs])
        {
            var (hits, bytes) = canaries.Search(folder);
            output.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{folder}: {bytes:N0} bytes searched for {Count} canaries"));
            Assert.True(hits.Count == 0, string.Join('\n', hits.Take(50)));
            Assert.True(bytes > (blobs.Length == 0 ? 500_000 : 200_000), $"Only {bytes} bytes in {folder}: was anything written?");
        }

        // And what is meant to be in the clear stands there, in the journal and its views alone.
        var journal = await File.ReadAllTextAsync(Path.Combine(dumps, server.JournalDatabase.Name + ".sql"));
        Assert.All(story.InTheClear, one => Assert.True(journal.Contains(one.Value, StringComparison.Ordinal), $"{one.Key} is nowhere"));
        Assert.Equal([Path.Combine(dumps, server.JournalDatabase.Name + ".sql") + ": UTF-8"], open.Search(server.Folder).Hits);
    }

    [Fact]
    public void a_canary_is_found_in_each_form_wherever_it_stands()
    {
        var scratch = Directory.CreateDirectory(Path.Combine(server.Folder, "scratch")).FullName;
        var canary = canaries.All[7];
        var forms = new (string Form, byte[] Bytes)[]
        {
            ("UTF-8", Encoding.UTF8.GetBytes(canary)),
            ("UTF-16", Encoding.Unicode.GetBytes(canary)),
            ("UTF-16", Encoding.BigEndianUnicode.GetBytes(canary)),
            ("hexadecimal", Encoding.ASCII.GetBytes(Convert.ToHexStringLower(Encoding.UTF8.GetBytes(canary)))),
            ("base64 at 0", Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"abc{canary}z")))),
            ("base64 at 1", Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"a{canary}zz")))),
            ("base64 at 2", Encoding.ASCII.GetBytes(Convert.ToBase64String(Encoding.UTF8.GetBytes($"ab{canary}")))),
        };
        foreach (var (form, bytes) in forms)
        {
            // Across the border of two windows too.
            foreach (var before in new[] { 0, 1, (4 << 20) - 5 })
            {
                File.WriteAllBytes(Path.Combine(scratch, "planted"), [.. new byte[before], .. bytes, 0]);
                Assert.Contains($"{Path.Combine(scratch, "planted")}: {form}", canaries.Search(scratch).Hits);
            }
        }
    }

    private static async Task DumpAsync(TestDatabase database, string folder)
    {
        var program = Directory.GetDirectories("/usr/lib/postgresql").Order().Select(version => Path.Combine(version, "bin", "pg_dump")).LastOrDefault(File.Exists) ?? "pg_dump";
        var connection = new Npgsql.NpgsqlConnectionStringBuilder(database.OwnerConnectionString);
        string[] arguments = ["-h", connection.Host!, "-U", connection.Username!, "-d", database.Name, "-f", Path.Combine(folder, database.Name + ".sql")];
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        Assert.Equal(0, process.ExitCode);
    }
}
