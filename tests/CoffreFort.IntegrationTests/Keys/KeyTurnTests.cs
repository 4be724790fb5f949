using CoffreFort.Server.Acts;
using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging.Abstractions;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Months are ended on one node at a time, by a clock that goes on whatever happens, and says what keeps it.</summary>
public sealed class KeyTurnTests : IAsyncLifetime
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly MemoryRoot root = new();
    private KeyScene scene = null!;
    private KeyScene.Node node = null!;

    public async Task InitializeAsync()
    {
        scene = await KeyScene.CreateAsync();
        node = scene.AddNode(root);
        await node.FillAsync(1);
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task while_one_node_is_at_it_another_does_nothing_and_says_so()
    {
        using var clock = Clock(TimeProvider.System);
        Assert.True(await new OneNode(scene.JournalSource, "keys").TryAsync(async _ => Assert.Null(await RunAsync(clock)), default));
        Assert.Empty((await RunAsync(clock))!);
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task a_node_that_loses_its_turn_stops()
    {
        using var clock = Clock(TimeProvider.System);
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        await using var held = await connection.BeginTransactionAsync();
        await using (var hold = new NpgsqlCommand("lock table key_acts in access exclusive mode", connection)) await hold.ExecuteNonQueryAsync();
        var running = RunAsync(clock);
        await scene.UntilWaitingAsync(1, running);

        await using (var owner = NpgsqlDataSource.Create(scene.JournalOwner))
        await using (var cut = owner.CreateCommand("select count(pg_terminate_backend(pid)) from pg_locks where locktype = 'advisory' and database = (select oid from pg_database where datname = current_database())"))
            Assert.Equal(1L, await cut.ExecuteScalarAsync());

        // It notices when it says next that it lives.
        await Assert.ThrowsAnyAsync<NpgsqlException>(() => running.WaitAsync(Patience));
    }

    [Fact]
    [Trait("Requirement", "R-380")]
    public async Task what_keeps_months_from_ending_is_told_while_it_does_and_is_looked_at_again_every_hour()
    {
        var pauses = new List<TimeSpan>();
        // Its own pauses pass at once; the time by which months go stands apart from the database's.
        scene.Clock.Ahead = TimeSpan.FromMinutes(6);
        using var clock = Clock(new ManualClock { Waited = pauses });
        await clock.StartAsync(default);
        await UntilAsync(() => clock.Problem is not null);
        Assert.Contains("until they agree", clock.Problem, StringComparison.Ordinal);

        scene.Clock.Ahead = TimeSpan.Zero;
        await UntilAsync(() => clock.Problem is null);
        var looked = Looked();
        await UntilAsync(() => Looked() > looked + 1);
        await clock.StopAsync(default);

        Assert.Equal(TimeSpan.FromMinutes(1), pauses[0]);
        Assert.All(pauses.Skip(1), pause => Assert.Equal(TimeSpan.FromHours(1), pause));

        int Looked()
        {
            lock (pauses) return pauses.Count;
        }
    }

    private KeyClock Clock(TimeProvider pauses) => new(node.Rotation, scene.JournalSource, new ConfigurationBuilder().Build(), pauses, NullLogger<KeyClock>.Instance);

    private static Task<IReadOnlyList<int>?> RunAsync(KeyClock clock) => clock.RunAsync(Actor.Clockwork("test"), null, default);

    private static async Task UntilAsync(Func<bool> holds)
    {
        for (var deadline = DateTime.UtcNow + Patience; !holds(); await Task.Delay(20)) Assert.True(DateTime.UtcNow < deadline, "It did not come to hold within 60 seconds.");
    }
}
