using static CoffreFort.IntegrationTests.Journal.RunningSubscriptions;

namespace CoffreFort.IntegrationTests.Checkpoints;

/// <summary>A node that stopped signing says so for as long as that holds, and no longer.</summary>
public sealed class StoppedPublishingTests
{
    private const string Wrong = "update coffrefort.mt_events set data = replace(data::text, '\"Amount\":2', '\"Amount\":3')::json where seq_id = 7";
    private const string Mended = "update coffrefort.mt_events set data = replace(data::text, '\"Amount\":3', '\"Amount\":2')::json where seq_id = 7";
    private const string Turn = "pg_advisory_lock(hashtextextended('coffrefort:checkpoints', 0))";

    [Fact]
    [Trait("Requirement", "R-280")]
    public async Task a_node_forgets_its_stop_once_another_has_published_though_nothing_is_written_after_that()
    {
        await using var log = await StoppedLogAsync();
        await using var first = await PublishingNode.StartAsync(log, "first");
        await UntilAsync(() => first.State.StoppedBy is not null);
        Assert.Equal(7, first.State.Position);
        Assert.Equal(0, await log.Test.ScalarAsync<long>($"select count(*) {PublishingNode.HasTurn}"));

        await log.Test.ExecuteAsync(Mended);
        await using var second = await PublishingNode.StartAsync(log, "second");
        await second.CoverAsync(7);
        Assert.NotNull(first.State.StoppedBy);

        // Only now does the first look again.
        await first.CoverAsync(7);
        await UntilAsync(() => first.State.StoppedBy is null);
        Assert.Equal((false, true), (first.State.RunsHere, second.State.RunsHere));
    }

    [Fact]
    [Trait("Requirement", "R-280")]
    public async Task a_node_whose_stop_nobody_has_disproved_goes_on_saying_so_while_another_has_the_turn()
    {
        await using var log = await StoppedLogAsync();
        await using var first = await PublishingNode.StartAsync(log, "first");
        await UntilAsync(() => first.State.StoppedBy is not null);

        await using var other = await log.Test.Owner.OpenConnectionAsync();
        await using (var turn = new Npgsql.NpgsqlCommand($"select {Turn}", other)) await turn.ExecuteNonQueryAsync();
        for (var look = 0; look < 2; look++)
        {
            var now = await log.Test.ScalarAsync<DateTime>("select clock_timestamp()");
            await Assert.ThrowsAsync<TimeoutException>(() => first.Checkpointer.CoverAsync(7, TimeSpan.FromMilliseconds(100)));
            await UntilAsync(async () => await log.Test.ScalarAsync<long>(
                $"""
                select count(*) from pg_stat_activity where datname = current_database() and application_name = 'first' and state = 'idle'
                and query like 'select c.number%order by number desc limit 1' and query not like '%c.size >= %' and query_start > '{now:O}'
                """) > 0);
        }

        Assert.NotNull(first.State.StoppedBy);
    }

    /// <summary>Five events are published; of two more the last is not what was appended.</summary>
    private static async Task<TestLog> StoppedLogAsync()
    {
        var log = await TestLog.CreateAsync(5);
        await log.PublishAsync();
        await log.AppendAsync(2);
        await log.Test.ExecuteAsync(Wrong);
        return log;
    }
}
