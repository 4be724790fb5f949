using CoffreFort.EventStore;
using static CoffreFort.IntegrationTests.Journal.RunningSubscriptions;

namespace CoffreFort.IntegrationTests.Journal;

public sealed class GatheringTests : IAsyncLifetime
{
    private RunningSubscriptions nodes = null!;

    public async Task InitializeAsync() => nodes = await RunningSubscriptions.CreateAsync();

    public async Task DisposeAsync() => await nodes.DisposeAsync();

    [Fact]
    [Trait("Requirement", "R-206")]
    public async Task the_first_event_after_a_silence_takes_effect_at_once_and_later_ones_when_somebody_waits_for_them()
    {
        // Who had to wait until they have gathered would wait for an hour.
        var patient = Brisk with { GatherFor = TimeSpan.FromHours(1) };
        var subscriptions = nodes.Run(new Subscriptions(nodes.Test.Journal, nodes.Test.Application, [new Ledger("one"), new Ledger("two")], patient));
        await UntilAsync(() => subscriptions.Statuses.All(status => status.RunsHere));

        await nodes.Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(1));
        await UntilAsync(() => subscriptions.Statuses.All(status => status.Position == 1));
        for (var more = 2; more <= 4; more++)
        {
            await nodes.Test.Journal.StartAsync(Guid.NewGuid(), new Deposited(more));
            Assert.True(await subscriptions.WaitForAsync("one", more, TimeSpan.FromSeconds(20)));
        }

        Assert.Equal([1L, 2, 3, 4], await nodes.LedgerAsync("one"));
        Assert.Equal(1, subscriptions.Statuses[1].Position);
        Assert.True(await subscriptions.WaitForAsync("two", 4, TimeSpan.FromSeconds(20)));
        Assert.Equal([1L, 2, 3, 4], await nodes.LedgerAsync("two"));
    }
}
