using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Npgsql;

namespace CoffreFort.IntegrationTests.Keys;

/// <summary>Acts on keys come into the journal in their order, once, with who had them done; what can't be recorded now waits, and what rests on it too.</summary>
public sealed class KeyActsTests : IAsyncLifetime
{
    private static readonly Actor Somebody = Actor.CommandLine() with { Account = "ops-7" };

    private readonly MemoryRoot root = new();
    private KeyScene scene = null!;
    private KeyScene.Node node = null!;

    public async Task InitializeAsync()
    {
        scene = await KeyScene.CreateAsync();
        node = scene.AddNode(root);
    }

    public async Task DisposeAsync() => await scene.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task acts_are_recorded_in_the_order_in_which_they_were_done_each_with_who_had_it_done()
    {
        await AddAsync("by hand", Somebody);
        await AddAsync("by the clock", Actor.Clockwork("keys"));
        await AddAsync("by another hand", Actor.CommandLine() with { Account = "ops-8" });
        // Nodes make the ids, and their clocks differ; that of the database is one. Rows lie in an order of their own.
        foreach (var (reason, id, minute) in new[] { ("by hand", 2, 3), ("by the clock", 3, 1), ("by another hand", 1, 2) })
            await scene.Database.ExecuteAsync($"update key_acts set id = '00000000-0000-7000-8000-00000000000{id}', created = '2026-11-23 00:0{minute}:00+00' where body like '%{reason}%'");

        await Acts(scene.Journal).RecordAsync(default);

        Assert.Equal(0, await scene.CountAsync("select count(*) from key_acts"));
        Assert.Equal(
            [("by the clock", Channels.Worker, null), ("by another hand", Channels.Command, "ops-8"), ("by hand", Channels.Command, "ops-7")],
            (await scene.ActsAsync()).Select(act => (((VaultKeyRotated)act.Body).Reason, act.Header("channel"), act.Header("account"))));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task an_act_that_was_recorded_and_not_struck_off_is_not_recorded_twice()
    {
        await AddAsync("a drill", Somebody);
        await scene.Database.ExecuteAsync("""
            create function refuse() returns trigger language plpgsql as $$ begin raise 'not now'; end $$;
            create trigger refuse before delete on key_acts for each row execute function refuse();
            """);
        await Assert.ThrowsAsync<PostgresException>(() => Acts(scene.Journal).RecordAsync(default));
        await scene.Database.ExecuteAsync("drop trigger refuse on key_acts");

        await Acts(scene.Journal).RecordAsync(default);

        Assert.Single(await scene.ActsAsync());
        Assert.Equal(0, await scene.CountAsync("select count(*) from key_acts"));
    }

    [Fact]
    [Trait("Requirement", "R-381")]
    public async Task while_the_journal_can_not_be_written_an_act_waits_and_no_root_key_goes()
    {
        await node.FillAsync(1);
        var old = EpochEnd.Current(scene.Clock.GetUtcNow());
        scene.PassTheMonth();
        await using var nowhere = NpgsqlDataSource.Create("Host=127.0.0.1;Port=1;Username=nobody;Timeout=5");
        await using var away = new EventStore.Journal(nowhere, Server.JournalEvents.Registry);
        var rotation = new EpochRotation(node.Source, node.Epochs, node.Replacement, root, Acts(away), new EpochEndSettings(TimeSpan.Zero));

        await Assert.ThrowsAnyAsync<Exception>(() => rotation.RunAsync(Actor.Clockwork("test"), null, default));

        Assert.True(root.Holds(old));
        Assert.Equal(1, await scene.CountAsync("select count(*) from key_acts"));
        await node.RotateAsync();
        Assert.False(root.Holds(old));
        Assert.Equal([typeof(KeyEpochRotated), typeof(KeyEpochDestroyed)], (await scene.ActsAsync()).Select(act => act.Body.GetType()));
    }

    private KeyActs Acts(EventStore.Journal journal) => new(node.Source, journal);

    private async Task AddAsync(string reason, Actor actor)
    {
        await using var connection = await node.Source.Source.OpenConnectionAsync();
        await KeyActs.AddAsync(new VaultKeyRotated(Guid.CreateVersion7(), 2, 4, reason), actor, connection, default);
    }
}
