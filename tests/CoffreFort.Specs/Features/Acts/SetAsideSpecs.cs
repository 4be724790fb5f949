using CoffreFort.Server.Acts;

namespace CoffreFort.Specs.Features.Acts;

public sealed class SetAsideSpecs
{
    [Fact]
    public void what_is_set_aside_comes_back_after_the_while_and_each_on_its_own()
    {
        var clock = new HandClock();
        var aside = new SetAside(clock, TimeSpan.FromMinutes(10));
        var (first, second) = (Guid.NewGuid(), Guid.NewGuid());
        aside.Add(first);
        clock.Now += TimeSpan.FromMinutes(6);
        aside.Add(second);
        Assert.Equal([first, second], aside.Current().ToHashSet());

        clock.Now += TimeSpan.FromMinutes(4);
        Assert.Equal([second], aside.Current());
        clock.Now += TimeSpan.FromMinutes(6);
        Assert.Empty(aside.Current());
    }

    [Fact]
    public void a_clock_that_was_set_back_keeps_nothing_aside_for_longer()
    {
        var clock = new HandClock();
        var aside = new SetAside(clock, TimeSpan.FromMinutes(10));
        aside.Add(Guid.NewGuid());
        clock.Now -= TimeSpan.FromDays(1);
        Assert.Empty(aside.Current());
    }

    private sealed class HandClock : TimeProvider
    {
        public DateTimeOffset Now { get; set; } = new(2026, 11, 22, 12, 0, 0, TimeSpan.Zero);

        public override DateTimeOffset GetUtcNow() => Now;
    }
}
