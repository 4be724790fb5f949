using System.Diagnostics;
using System.Globalization;
using CoffreFort.EventStore;
using Npgsql;
using Xunit.Abstractions;

namespace CoffreFort.IntegrationTests.Faults;

/// <summary>
/// Many writers on several nodes, slow and failing ones among them, while the database is killed: subscriptions see every event once and in
/// order. A reader of "id > last" over a sequence, beside them in the same run, does not: so the run is one in which events can be skipped.
/// </summary>
/// <remarks>The long form is <c>scripts/chaos journal --events 1000000</c>.</remarks>
[Collection("faults")]
public sealed class SkippedEventsTests(ITestOutputHelper output)
{
    private const int Subscriptions = 8;
    private const int Kills = 20;

    private readonly ChaosSettings settings = ChaosSettings.Read();

    [Fact]
    [Trait("Requirement", "R-206")]
    [Trait("Requirement", "R-264")]
    public async Task no_subscription_misses_an_event_or_takes_one_twice_while_a_naive_reader_loses_some()
    {
        var seed = settings.Seed ?? Random.Shared.Next(1_000_000_000);
        var events = settings.Events ?? 20_000;
        Say($"seed {seed}");
        await using var cluster = await PostgresCluster.StartAsync(durable: true);
        await using var database = await cluster.CreateDatabaseAsync();
        await using var owner = NpgsqlDataSource.Create(database.OwnerConnectionString);
        await PrepareAsync(database, owner);
        var watch = Stopwatch.StartNew();
        await using var run = new JournalRun([.. Plans(database.ApplicationConnectionString, events, seed)]);
        await using var beside = NpgsqlDataSource.Create(database.OwnerConnectionString);
        var naive = new NaiveReader(beside);
        using var stop = new CancellationTokenSource();
        await run.StartAsync();
        var following = naive.FollowAsync(stop.Token);
        var killed = await StrikeAsync(cluster, owner, run, events, new Random(seed));
        await ProgressAsync(() => run.AcknowledgedEvents, () => run.IsOver);
        await stop.CancelAsync();
        await following;
        Assert.Empty(run.Wrong);
        var written = watch.Elapsed;
        var size = await ScalarAsync(owner, "select size from coffrefort.journal_head");
        await ProgressAsync(() => ScalarAsync(owner, "select coalesce(sum(last_seq_id), 0)::bigint from coffrefort.mt_event_progression").Result, () => SeenAllAsync(owner, size).Result);
        await run.EndAsync();

        var lost = await naive.LostAsync();
        var counts = run.Counts.Aggregate((one, other) => one + other);
        Say(string.Create(CultureInfo.InvariantCulture, $"""
            {size} events by {run.Acknowledged.Count} acknowledged appends in {written.TotalSeconds:F0} s, followed by {Subscriptions} subscriptions in {watch.Elapsed.TotalSeconds:F0} s; {counts};
            {Kills} kills ended {killed} backends or servers; the naive reader lost {lost} of {naive.Seen + lost} rows
            """));
        await HoldsAsync(run, owner, size);
        Assert.True(size >= events && counts is { Slow: > 0, Conflicts: > 0, Bad: > 0, Abandoned: > 0 } && killed >= Kills, $"{counts}");
        Assert.True(lost > 0, "The naive reader lost nothing: this run could not have shown a skipped event.");
    }

    /// <summary>The journal's tables, and beside them one numbered by a sequence.</summary>
    private static async Task PrepareAsync(TestDatabase database, NpgsqlDataSource owner)
    {
        await JournalSchema.MigrateAsync(owner);
        await database.ExecuteAsync($"""
            create schema naive;
            create table naive.events (id bigserial primary key, writer int);
            grant usage on schema naive to {PostgresCluster.ApplicationRole};
            grant all on all tables in schema naive to {PostgresCluster.ApplicationRole};
            grant all on all sequences in schema naive to {PostgresCluster.ApplicationRole}
            """);
    }

    private IEnumerable<WriterPlan> Plans(string connection, int events, int seed)
    {
        var (writers, nodes) = (settings.Writers ?? 32, settings.Nodes ?? 3);
        var each = (events + writers - 1) / writers;
        for (var (node, first) = (0, 0); node < nodes; node++)
        {
            var here = (writers + node) / nodes;
            yield return new WriterPlan($"{connection};Maximum Pool Size=60", first, here, each, settings.Events is null ? 4 : 25, Subscriptions, seed);
            first += here;
        }
    }

    /// <summary>0 missed, 0 twice, in order, for each subscription; and the journal is what was acknowledged.</summary>
    private static async Task HoldsAsync(JournalRun run, NpgsqlDataSource owner, long size)
    {
        for (var number = 1; number <= Subscriptions; number++)
        {
            await using var command = owner.CreateCommand($"""
                select count(*), count(distinct position), count(*) filter (where position <> place), coalesce(max(position), 0)
                from (select position, row_number() over (order by entry) as place from coffrefort_views.seen_{number}) as seen
                """);
            await using var reader = await command.ExecuteReaderAsync();
            await reader.ReadAsync();
            var (taken, distinct, astray) = (reader.GetInt64(0), reader.GetInt64(1), reader.GetInt64(2));
            Assert.True(taken == size && distinct == size && astray == 0, $"Subscription {number}: {size - distinct} missed, {taken - distinct} twice, {astray} out of order.");
        }

        Assert.Empty((await JournalVerification.RunAsync(owner)).Damages);
        Assert.Empty(await run.MissingAsync(owner));
        Assert.Equal(0, await ScalarAsync(owner, "select count(*) from (select data->>'Amount', count(*) as n from coffrefort.mt_events group by 1) as marks where n <> (select max(n) from (select count(*) as n from coffrefort.mt_events group by data->>'Amount') as whole)"));
    }

    /// <summary>Kills something at each twenty-first part of the way.</summary>
    private async Task<long> StrikeAsync(PostgresCluster cluster, NpgsqlDataSource owner, JournalRun run, int events, Random random)
    {
        var killed = 0L;
        for (var kill = 1; kill <= Kills; kill++)
        {
            var part = (long)events * kill / (Kills + 1);
            await ProgressAsync(() => run.AcknowledgedEvents, () => run.IsOver || run.AcknowledgedEvents >= part);
            killed += await KillAsync(cluster, owner, random, crash: kill % (settings.Events is null ? 10 : 4) == 3);
        }

        return killed;
    }

    /// <summary>Ends some backends, or all of PostgreSQL at once, and brings it back.</summary>
    private static async Task<long> KillAsync(PostgresCluster cluster, NpgsqlDataSource owner, Random random, bool crash)
    {
        if (crash)
        {
            await cluster.KillAsync();
            await cluster.RestartAsync(durable: true);
            owner.Clear();
            return 1;
        }

        var most = random.Next(1, 5);
        // Right after a crash nobody may be back yet.
        for (var waited = Stopwatch.StartNew(); ; await Task.Delay(5))
        {
            var killed = await ScalarAsync(owner, $"select count(pg_terminate_backend(pid)) from (select pid from pg_stat_activity where usename = '{PostgresCluster.ApplicationRole}' order by random() limit {most}) as chosen");
            if (killed > 0 || waited.Elapsed > TimeSpan.FromSeconds(30)) return killed;
        }
    }

    private static async Task<bool> SeenAllAsync(NpgsqlDataSource owner, long size) =>
        await ScalarAsync(owner, $"select count(*) from coffrefort.mt_event_progression where last_seq_id = {size}") == Subscriptions;

    private static async Task<long> ScalarAsync(NpgsqlDataSource owner, string sql)
    {
        await using var command = owner.CreateCommand(sql);
        command.CommandTimeout = 300;
        return (long)(await command.ExecuteScalarAsync())!;
    }

    /// <summary>As long as it goes on it may take its time.</summary>
    private static async Task ProgressAsync(Func<long> progress, Func<bool> over)
    {
        var (reached, since) = (progress(), Stopwatch.StartNew());
        while (!over())
        {
            await Task.Delay(20);
            if (progress() is var now && now != reached) (reached, since) = (now, Stopwatch.StartNew());
            Assert.True(since.Elapsed < TimeSpan.FromSeconds(60), $"Nothing has gone on for a minute, at {reached}.");
        }
    }

    private void Say(string text)
    {
        output.WriteLine(text);
        if (settings.Events is not null) Console.WriteLine(text);
    }
}
