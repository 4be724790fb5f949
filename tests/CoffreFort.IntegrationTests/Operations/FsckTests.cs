using System.Diagnostics;
using System.Text.Json.Nodes;
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
        var (missing, old) = (store.Blobs[0], store.Blobs[1]);
        File.Move(missing, missing + ".away");
        var unclaimed = Path.Combine(Path.GetDirectoryName(old)!, Path.GetFileName(old)[..2] + new string('0', 30));
        File.Copy(old, unclaimed);
        File.SetLastWriteTimeUtc(unclaimed, DateTime.UtcNow.AddDays(-2));

        var findings = await store.FindAsync(null);

        Damaged("mt_events seq_id=3");
        Damaged("mt_events seq_id=5");
        Damaged("mt_events seq_id=7");
        Damaged($"blob {Path.GetFileName(missing)}");
        Assert.Contains(findings, finding => finding.Kind == Finding.Kinds.Garbage && finding.Thing == $"blob {Path.GetFileName(unclaimed)}");

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
    }

    private async Task<(int ExitCode, string Output)> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Built("CoffreFort.Cli", "coffrefort.dll"), "fsck", .. store.Settings, .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["COFFREFORT_SERVER"] = Repository.Built("CoffreFort.Server", "CoffreFort.Server.dll");
        using var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await complaints;
        return (process.ExitCode, output);
    }
}
