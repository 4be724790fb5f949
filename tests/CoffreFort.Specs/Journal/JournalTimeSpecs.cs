using CoffreFort.EventStore;

namespace CoffreFort.Specs.Journal;

public sealed class JournalTimeSpecs
{
    private static readonly DateTimeOffset noon = new(2027, 3, 1, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(-1000, 0, 0)]
    [InlineData(1000, 0, 0)]
    [InlineData(500, 0, 8000)]
    [InlineData(8900, 0, 8000)]
    public void a_clock_within_the_tolerance_counts_however_slow_the_answer_was(int clock, int asked, int answered) =>
        Assert.Equal(noon.AddMilliseconds(clock), Next(clock, asked, answered));

    [Theory]
    [InlineData(-1001, 0, 0)]
    [InlineData(1001, 0, 0)]
    [InlineData(9001, 0, 8000)]
    [InlineData(-1001, 0, 8000)]
    public void a_clock_beyond_the_tolerance_writes_nothing(int clock, int asked, int answered) =>
        Assert.Throws<JournalUnavailableException>(() => Next(clock, asked, answered));

    [Fact]
    public void time_never_runs_before_the_last_event() =>
        Assert.Equal(noon.AddHours(1), JournalTime.Next(noon, noon.AddHours(1), noon, noon, new JournalOptions()));

    [Fact]
    public void a_drills_offset_leaves_whole_microseconds() =>
        Assert.Equal(noon.AddTicks(20), JournalTime.Next(noon, noon, noon, noon, new JournalOptions { ClockOffset = TimeSpan.FromTicks(29) }));

    [Fact]
    public void an_infinite_timestamp_is_not_local_time() =>
        Assert.Equal(DateTimeOffset.MinValue, JournalTime.FromDatabase(DateTime.MinValue));

    private static DateTimeOffset Next(int clock, int asked, int answered) => JournalTime.Next(
        noon.AddMilliseconds(clock), DateTimeOffset.MinValue, noon.AddMilliseconds(asked), noon.AddMilliseconds(answered), new JournalOptions());
}
