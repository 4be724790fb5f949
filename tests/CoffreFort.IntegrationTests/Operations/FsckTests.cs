using System.Text.Json.Nodes;
using CoffreFort.IntegrationTests.Web;
using CoffreFort.Server.Operations.Integrity;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>fsck goes on past what is damaged, tells garbage from damage, and changes nothing; the command says it in its exit code.</summary>
public sealed class FsckTests : IAsyncLifetime
{
    private StoppedStore store = null!;

    public async Task InitializeAsync() => store = await StoppedStore.TellAsync();

    public async Task DisposeAsync() => await store.DisposeAsync();

    [Fact]
    public async Task several_damages_are_all_named_and_what_nobody_names_is_garbage()
    {
        await store.ExecuteAsync("update coffrefort.mt_events set data = '{}' where seq_id in (3, 5)");
        await store.ExecuteAsync("update coffrefort.mt_events set timestamp = 'infinity' where seq_id = 7");
        await store.ExecuteAsync("delete from coffrefort_views.document_list where version = 1 and evidence_type = 'payslip'");
        var names = await store.Blobs.NamesAsync();
        var (missing, unclaimed) = (names[0], names[1][..2] + new string('0', 30));
        await store.Blobs.DeleteAsync(missing);
        await store.Blobs.WriteAsync(unclaimed, [1]);

        var findings = await store.FindAsync(null, new ShellClock { Ahead = TimeSpan.FromDays(2) });

        Damaged("mt_events seq_id=3");
        Damaged("mt_events seq_id=5");
        Damaged("mt_events seq_id=7");
        Damaged($"blob {missing}");
        Assert.Contains(findings, finding => finding.Kind == Finding.Kinds.Garbage && finding.Thing == $"blob {unclaimed}");
        Assert.DoesNotContain(await store.FindAsync(Areas.Blobs), finding => finding.Kind == Finding.Kinds.Garbage);

        void Damaged(string thing) => Assert.Contains(findings, finding => finding.Kind == Finding.Kinds.Damaged && finding.Thing == thing);
    }

    [Fact]
    public async Task a_key_moved_to_another_row_and_a_lost_key_are_named()
    {
        var (first, second) = await store.ExchangeKeysAsync();
        var findings = await store.FindAsync(Areas.Keys);

        Assert.Equal([first, second], findings.Select(finding => finding.Thing).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task an_escaped_nul_hides_neither_the_event_nor_the_others()
    {
        await store.ExecuteAsync("""
            update coffrefort.mt_events set data = ('{"x":"\\u0000","y":"\u0000",' || substr(data::text, 2))::json
            where seq_id in (select min(seq_id) from coffrefort.mt_events where type = 'document_deposited')
            """);
        await store.ExecuteAsync("""update coffrefort.mt_events set headers = ('{"y":"\u0000",' || substr(headers::text, 2))::json where seq_id = 9""");
        var blobs = new List<Finding>();
        var report = await store.CheckAsync(blobs.Add, Areas.Blobs);

        var found = Assert.Single(blobs);
        Assert.Equal((Finding.Kinds.Unchecked, true), (found.Kind, found.What.StartsWith("holds an escaped NUL", StringComparison.Ordinal)));
        Assert.Equal((await store.Blobs.NamesAsync()).Count, report.Looked["blobs"]);
        Assert.All(await store.FindAsync(Areas.Journal), finding => Assert.Contains(finding.Thing, new[] { found.Thing, "mt_events seq_id=9" }));
        Assert.DoesNotContain(await store.FindAsync(Areas.Keys), finding => finding.Kind == Finding.Kinds.Damaged);
    }

    [Fact]
    public async Task a_store_out_of_reach_is_one_line_and_hides_nothing_else()
    {
        await store.Blobs.LoseAsync();
        var findings = await store.FindAsync(null);

        Assert.Equal(["blob .checkpoint", "blob store"], findings.Select(finding => finding.Thing).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task the_command_says_it_in_lines_in_json_and_in_its_exit_code()
    {
        var (sound, output) = await RunAsync();
        Assert.Equal((0, "holds"), (sound, output.TrimEnd().Split('\n')[^1]));

        await store.ExecuteAsync("update coffrefort.mt_streams set version = version + 1 where type = 'audit' or version = 1");
        var (damaged, lines) = await RunAsync("--only", "journal");
        Assert.Equal(1, damaged);
        Assert.StartsWith("damaged: journal: mt_streams id=", lines, StringComparison.Ordinal);

        var (_, json) = await RunAsync("--json");
        Assert.False((bool)JsonNode.Parse(json)!["holds"]!);
        Assert.Equal(0, (await RunAsync("--sample", "50%")).ExitCode);
        Assert.Equal(2, (await RunAsync("--sample", "none")).ExitCode);
        Assert.Equal(2, (await RunAsync("--set", "ConnectionStrings:Journal=Host=/nowhere;Username=nobody")).ExitCode);

        Directory.Move(Path.Combine(store.Data, "keyring"), Path.Combine(store.Data, "keyring.away"));
        var (keyless, said) = await RunAsync("--only", "keys", "--only", "log");
        Directory.Move(Path.Combine(store.Data, "keyring.away"), Path.Combine(store.Data, "keyring"));
        Assert.Equal(1, keyless);
        Assert.Contains("damaged: keys: keyring: There is no root key", said, StringComparison.Ordinal);
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var (exitCode, output, _) = await FsckCommand.RunAsync([.. store.Settings, .. arguments]);
        return (exitCode, output);
    }
}
