using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using Microsoft.Extensions.DependencyInjection;
using Npgsql;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary>A view that can't take its place is tried again by every node until it can: the journal says what is new about it, and not how often it was tried.</summary>
public sealed class RebuildRecordTests : IAsyncLifetime
{
    private const string View = "document_list";

    private CoffreFortServer _server = null!;

    public async Task InitializeAsync() => _server = await CoffreFortServer.StartAsync(seeded: false);

    public async Task DisposeAsync() => await _server.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-253")]
    public async Task tries_by_the_clockwork_are_recorded_once_a_reason_until_one_succeeds_or_an_operator_has_it_tried_again()
    {
        await using var other = await _server.AnotherNodeAsync();
        // A database view that rests on the table: the swap can't drop it.
        await _server.JournalDatabase.ExecuteAsync($"create view coffrefort_views.in_the_way as select * from coffrefort_views.{View}");
        foreach (var node in new[] { _server, other, _server, other }) await Assert.ThrowsAsync<PostgresException>(() => TryAsync(node));
        var acts = await ActsAsync();
        var first = Assert.IsType<ViewRebuildStarted>(acts[0]);
        Assert.Equal(first.Rebuild, Assert.IsType<ViewRebuildFailed>(acts[1]).Rebuild);
        Assert.Contains("(2BP01)", ((ViewRebuildFailed)acts[1]).Reason, StringComparison.Ordinal);
        Assert.Equal(2, acts.Count);

        // Another reason is news, once.
        await _server.JournalDatabase.ExecuteAsync($"drop view coffrefort_views.in_the_way; alter table coffrefort_views.{View} owner to current_user");
        for (var i = 0; i < 3; i++) await Assert.ThrowsAsync<PostgresException>(() => TryAsync(_server));
        acts = await ActsAsync();
        Assert.Equal(3, acts.Count);
        Assert.Equal(first.Rebuild, Assert.IsType<ViewRebuildFailed>(acts[2]).Rebuild);

        // What an operator has tried again is told anew.
        await Actor.CommandLine().RecordAsync(_server.Journal, new PoisonEventRetried(View, 1, "Encore une fois"));
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<PostgresException>(() => TryAsync(_server));
        Assert.Equal([typeof(PoisonEventRetried), typeof(ViewRebuildStarted), typeof(ViewRebuildFailed)], (await ActsAsync()).Skip(3).Select(act => act.GetType()));
        for (var i = 0; i < 2; i++) await Assert.ThrowsAsync<PostgresException>(() => TryAsync(_server, Actor.CommandLine()));
        Assert.Equal(10, (await ActsAsync()).Count);

        await _server.JournalDatabase.ExecuteAsync($"alter table coffrefort_views.{View} owner to {PostgresCluster.ApplicationRole}");
        await TryAsync(other);
        var done = Assert.IsType<ViewRebuilt>((await ActsAsync())[10]);
        Assert.Equal(Assert.IsType<ViewRebuildStarted>((await ActsAsync())[8]).Rebuild, done.Rebuild);
        await TryAsync(other);
        Assert.Equal([typeof(ViewRebuildStarted), typeof(ViewRebuilt)], (await ActsAsync()).Skip(11).Select(act => act.GetType()));
    }

    private static Task<RebuildResult> TryAsync(CoffreFortServer node, Actor? actor = null) => RebuildView.Handle(
        View, new RebuildOptions { Resume = true }, actor ?? Actor.Clockwork("view-version"), node.Journal, node.Services.GetRequiredService<Subscriptions>(), CancellationToken.None);

    private async Task<List<IEvent>> ActsAsync() => [.. (await _server.Journal.FetchStreamAsync(OperatorActs.Stream)).Select(stored => stored.Body)];
}
