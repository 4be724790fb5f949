using System.Diagnostics;
using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Journal;

/// <summary>The verification finds nothing in a journal that was only appended to, and names whatever its owner tampered with.</summary>
public sealed class JournalVerificationTests : IAsyncLifetime
{
    private readonly Guid stream = Guid.Parse("01980000-0000-7000-8000-000000000001");
    private TestJournal test = null!;

    public async Task InitializeAsync()
    {
        test = await TestJournal.CreateAsync();
        await test.Journal.StartAsync(stream, new Deposited(1, "un"), new Deposited(2, "deux"));
        for (var i = 3; i <= 9; i++) await test.Journal.StartAsync(Guid.CreateVersion7(), new Deposited(i, "né à Évreux"));
        await test.Journal.AppendAsync(stream, new Deposited(10));
    }

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    public async Task an_untouched_journal_holds_and_its_root_is_the_head()
    {
        var verdict = await JournalVerification.RunAsync(test.Application);

        Assert.Empty(verdict.Damages);
        Assert.True(verdict.Holds);
        Assert.Equal(10, verdict.Size);
        Assert.Equal((await test.Journal.HeadAsync()).Root.ToArray(), verdict.Root.ToArray());
    }

    [Theory]
    [InlineData("update coffrefort.mt_events set data = replace(data::text, '\"Amount\":5', '\"Amount\":6')::json where seq_id = 5", "leaf", 5L)]
    [InlineData("update coffrefort.mt_events set headers = '{ }' where seq_id = 5", "leaf", 5L)]
    [InlineData("update coffrefort.mt_events set leaf_hash = sha256('') where seq_id = 4", "leaf", 4L)]
    [InlineData("update coffrefort.mt_events set timestamp = timestamp - interval '1 hour' where seq_id = 6", "time", 6L)]
    [InlineData("update coffrefort.mt_events set id = (select id from coffrefort.mt_events where seq_id = 2) where seq_id = 7", "event-id", 2L)]
    [InlineData("delete from coffrefort.mt_events where seq_id = 3", "hole", 4L)]
    [InlineData("delete from coffrefort.mt_events where seq_id = 10", "head-size", null)]
    [InlineData("update coffrefort.mt_events set version = 4 where seq_id = 10", "stream", null)]
    [InlineData("update coffrefort.mt_streams set version = 7 where version = 3", "stream", null)]
    [InlineData("insert into coffrefort.mt_streams (id, version, timestamp, created) values (gen_random_uuid(), 1, now(), now())", "stream", null)]
    [InlineData("update coffrefort.journal_head set root = sha256('')", "head-root", null)]
    [InlineData("update coffrefort.journal_head set frontier = frontier || sha256('')", "head-frontier", null)]
    [InlineData("update coffrefort.journal_head set last_timestamp = last_timestamp + interval '1 second'", "head-time", null)]
    [InlineData("insert into coffrefort.journal_idempotency values ('k', 10, 11, now(), coffrefort.idempotency_digest('k', 10, 11, now()))", "idempotency", null)]
    [InlineData("insert into coffrefort.journal_idempotency values ('k', 9, 10, now(), sha256(''))", "idempotency", null)]
    [InlineData("insert into coffrefort.journal_tiles values (0, 0, sha256(''), sha256(''))", "tile", null)]
    [InlineData("insert into coffrefort.journal_checkpoints (origin, size, note, digest) values ('log', 5, 'none', sha256('none'))", "checkpoint", null)]
    [InlineData("insert into coffrefort.journal_checkpoints (origin, size, note, digest) values ('log', 11, 'none', sha256('none'))", "checkpoint", null)]
    [InlineData("update coffrefort.mt_events set timestamp = 'infinity' where seq_id = 5", "leaf", 5L)]
    [InlineData("update coffrefort.mt_events set timestamp = '-infinity' where seq_id = 1", "leaf", 1L)]
    [InlineData("update coffrefort.mt_events set timestamp = '200000-01-01' where seq_id = 5", "leaf", 5L)]
    [InlineData("update coffrefort.mt_events set version = -1 where seq_id = 5", "leaf", 5L)]
    [InlineData("update coffrefort.mt_events set seq_id = -5 where seq_id = 5", "leaf", -5L)]
    [InlineData("update coffrefort.mt_events set tenant_id = 'other' where seq_id = 5", "columns", 5L)]
    [InlineData("update coffrefort.mt_events set is_archived = true where seq_id = 5", "columns", 5L)]
    [InlineData("update coffrefort.mt_events set user_name = 'somebody' where seq_id = 5", "columns", 5L)]
    [InlineData("update coffrefort.mt_streams set tenant_id = 'other' where version = 3", "stream", null)]
    [Trait("Requirement", "R-238")]
    public async Task what_was_tampered_with_is_named(string tampering, string code, long? position)
    {
        await test.ExecuteAsync(tampering);

        var verdict = await JournalVerification.RunAsync(test.Application);

        Assert.False(verdict.Holds);
        Assert.Contains(verdict.Damages, damage => damage.Code == code && damage.Position == position);
    }

    [Fact]
    public async Task the_command_tells_a_sound_journal_from_a_damaged_one_and_from_none()
    {
        var (sound, output) = await CommandAsync(test.ApplicationConnectionString);
        Assert.Equal(0, sound);
        Assert.Contains("size 10\n", output, StringComparison.Ordinal);
        Assert.EndsWith("holds\n", output, StringComparison.Ordinal);

        await test.ExecuteAsync("update coffrefort.mt_events set data = '{}' where seq_id = 5");
        var (damaged, complaint) = await CommandAsync(test.ApplicationConnectionString);
        Assert.Equal(1, damaged);
        Assert.Contains("damaged: leaf: Event 5 (test_deposited)", complaint, StringComparison.Ordinal);

        Assert.Equal(2, (await CommandAsync("Host=/nowhere;Username=nobody;Database=none")).ExitCode);
    }

    private static async Task<(int ExitCode, string Output)> CommandAsync(string connection)
    {
        var program = Repository.Built("CoffreFort.Cli", "coffrefort.dll");
        var start = new ProcessStartInfo("dotnet", [program, "verify-journal", "--connection", connection]) { RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        await complaints;
        return (process.ExitCode, output);
    }
}
