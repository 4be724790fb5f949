using CoffreFort.EventStore;

namespace CoffreFort.Specs.Journal;

public sealed class SubscriptionPauseSpecs
{
    [Theory]
    [Trait("Requirement", "R-207")]
    [InlineData(0, 2)]
    [InlineData(1, 4)]
    [InlineData(2, 8)]
    [InlineData(4, 32)]
    [InlineData(5, 64)]
    [InlineData(6, 64)]
    [InlineData(int.MaxValue, 64)]
    public void each_pause_at_a_poison_event_is_twice_the_one_before_up_to_32_times_the_first(int stopsBefore, int seconds) =>
        Assert.Equal(TimeSpan.FromSeconds(seconds), SubscriptionRunner.PauseAfter(TimeSpan.FromSeconds(2), stopsBefore));
}
