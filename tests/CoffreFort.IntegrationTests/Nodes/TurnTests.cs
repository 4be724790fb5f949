using CoffreFort.IntegrationTests.Journal;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Operations.Integrity;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Nodes;

/// <summary>Turns that one node has at a time: whoever says nothing any more has lost it, whatever it still thinks.</summary>
public sealed class TurnTests : IAsyncLifetime
{
    private static readonly TimeSpan Short = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);
    private TestJournal test = null!;

    public async Task InitializeAsync() => test = await TestJournal.CreateAsync();

    public async Task DisposeAsync() => await test.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-258")]
    public async Task a_node_that_is_frozen_while_it_prepares_keeps_the_others_no_longer_than_its_silence_lasts()
    {
        // It speaks as a frozen one does: never.
        var frozen = await new StartTurn(test.Application) { LongestSilence = Short, SpeaksEvery = TimeSpan.FromHours(1) }.TakeAsync(default);
        await using (await new StartTurn(test.Application).TakeAsync(default).WaitAsync(Patience)) { }
        // It thaws, and hands on what it has no longer.
        await frozen.DisposeAsync();
        await using (await new StartTurn(test.Application).TakeAsync(default).WaitAsync(Patience)) { }
    }

    [Fact]
    public async Task a_node_that_prepares_for_long_keeps_its_turn_by_saying_something()
    {
        await using var held = await new StartTurn(test.Application) { SpeaksEvery = TimeSpan.FromMilliseconds(20) }.TakeAsync(default);
        var words = new HashSet<DateTime>();
        await UntilAsync(async () =>
        {
            words.Add(await test.ScalarAsync<DateTime>(Holder("state_change", "hashtext('coffrefort-start')::bigint")));
            return words.Count > 3;
        });
    }

    [Fact]
    [Trait("Requirement", "R-258")]
    public async Task long_work_of_a_frozen_node_goes_to_another_and_ends_here_once_it_thaws()
    {
        var begun = new TaskCompletionSource();
        var thaw = new TaskCompletionSource();
        var frozen = new OneNode(test.Application, "work") { LongestSilence = Short, SpeaksEvery = Short * 4 }.TryWhileAliveAsync(
            async turnLost =>
            {
                begun.SetResult();
                await thaw.Task;
                await Task.Delay(Timeout.Infinite, turnLost);
            },
            default);
        await begun.Task;
        var taken = false;
        await UntilAsync(async () => taken || await new OneNode(test.Application, "work").TryWhileAliveAsync(_ => Task.FromResult(taken = true), default));
        thaw.SetResult();
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => frozen.WaitAsync(Patience));
    }

    [Fact]
    public async Task the_integrity_sweep_has_its_turn_only_while_its_node_speaks()
    {
        await using var server = await CoffreFortServer.StartAsync(seeded: true, null, "--demo:story", "true", "--Integrity:EventsPerSecond", "1", "--Integrity:After", "1.00:00:00");
        using var enough = new CancellationTokenSource();
        var sweep = server.Services.GetRequiredService<IntegritySweep>().RunAsync(enough.Token);
        await using var database = NpgsqlDataSource.Create(server.JournalDatabase.OwnerConnectionString);
        var said = "";
        await UntilAsync(async () =>
        {
            await using var command = database.CreateCommand(Holder("query", "hashtextextended('coffrefort:integrity-sweep', 0)"));
            return (said = await command.ExecuteScalarAsync() as string ?? "").Length > 0 && !said.Contains("try_advisory", StringComparison.Ordinal);
        });
        // The last that it said: the limit of its silence, or that it lives.
        Assert.True(said.Contains("idle_session_timeout", StringComparison.Ordinal) || said == "select 1", said);
        await enough.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => sweep);
    }

    private static string Holder(string column, string key) => $"""
        select a.{column} from pg_locks l join pg_stat_activity a using (pid) where l.locktype = 'advisory' and l.granted and l.objsubid = 1
        and a.datname = current_database() and (l.classid::bigint << 32 | l.objid::bigint) = {key}
        """;

    private static async Task UntilAsync(Func<Task<bool>> holds)
    {
        for (var deadline = DateTime.UtcNow.Add(Patience); !await holds(); await Task.Delay(20))
            Assert.True(DateTime.UtcNow < deadline, "It did not come to hold in time.");
    }
}
