using CoffreFort.Server.Hosting;
using CoffreFort.Server.Keys;
using Microsoft.Extensions.Configuration;

namespace CoffreFort.Specs.Keys;

/// <summary>When what was destroyed is final: the promise that stands in certificates of erasure.</summary>
public sealed class EpochEndSpecs
{
    private static readonly DateTimeOffset[] s_instants =
        [.. Enumerable.Range(0, 4 * 366).SelectMany(day => new[] { 0.0, 0.5, 1439 }.Select(minute => new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddDays(day).AddMinutes(minute)))];

    [Theory]
    [InlineData("2026-11-01T00:00:00Z", "2026-12-08T00:00:00Z", "the month's end and seven days")]
    [InlineData("2026-11-02T23:59:59Z", "2026-12-08T00:00:00Z", "the month's end and seven days")]
    [InlineData("2026-11-03T00:00:01Z", "2026-12-08T00:00:01Z", "as long as backups are kept")]
    [InlineData("2026-11-30T23:59:59Z", "2027-01-04T23:59:59Z", "as long as backups are kept")]
    [InlineData("2026-12-31T12:00:00Z", "2027-02-04T12:00:00Z", "as long as backups are kept")]
    [InlineData("2027-02-28T00:00:00Z", "2027-04-04T00:00:00Z", "as long as backups are kept")]
    [InlineData("2026-12-01T00:30:00+02:00", "2027-01-04T22:30:00Z", "by the month in UTC")]
    [Trait("Requirement", "R-380")]
    public void what_was_destroyed_is_final_when_its_months_key_and_every_backup_are_gone(string destroyed, string final, string because) =>
        Assert.True(DateTimeOffset.Parse(final, null) == EpochEnd.FinalAfter(DateTimeOffset.Parse(destroyed, null)), because);

    [Fact]
    [Trait("Requirement", "R-380")]
    public void it_is_never_final_before_35_days_nor_before_its_months_key_is_gone_nor_after_38_days()
    {
        foreach (var destroyed in s_instants)
        {
            var final = EpochEnd.FinalAfter(destroyed);
            var month = destroyed.Year * 100 + destroyed.Month;
            Assert.InRange(final - destroyed, TimeSpan.FromDays(35), TimeSpan.FromDays(38));
            Assert.True(final >= EpochEnd.EndOf(month) + EpochEnd.Slack, $"{destroyed:O}");
        }
    }

    [Fact]
    public void an_epoch_begins_five_minutes_into_its_month_and_each_follows_the_one_before()
    {
        var begins = new DateTimeOffset(2027, 1, 1, 0, 5, 0, TimeSpan.Zero);
        Assert.Equal((202612, 202701), (EpochEnd.Current(begins.AddTicks(-1)), EpochEnd.Current(begins)));
        Assert.Equal((202701, 202702, 202801), (EpochEnd.Next(202612), EpochEnd.Next(202701), EpochEnd.Next(202712)));
        Assert.Equal(new DateTimeOffset(2027, 1, 1, 0, 0, 0, TimeSpan.Zero), EpochEnd.EndOf(202612));
        foreach (var instant in s_instants) Assert.InRange(EpochEnd.EndOf(EpochEnd.Current(instant)) - instant, -TimeSpan.FromMinutes(5), TimeSpan.FromDays(31));
    }

    [Theory]
    [InlineData(null, 3.0)]
    [InlineData("00:00:00", 0.0)]
    [InlineData("6.00:00:00", 6.0)]
    [InlineData("6.00:00:01", null)]
    [InlineData("-00:00:01", null)]
    public void a_root_key_goes_in_time_for_what_was_promised(string? setting, double? days)
    {
        var configuration = new ConfigurationBuilder().AddInMemoryCollection(new Dictionary<string, string?> { ["Keys:DestroyAfter"] = setting }).Build();
        if (days is { } after) Assert.Equal(TimeSpan.FromDays(after), EpochEndSettings.From(configuration).DestroyAfter);
        else Assert.Throws<SettingsException>(() => EpochEndSettings.From(configuration));
    }
}
