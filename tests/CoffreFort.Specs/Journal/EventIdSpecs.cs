using CoffreFort.EventStore;

namespace CoffreFort.Specs.Journal;

public sealed class EventIdSpecs
{
    // 12 bits behind the version, 62 behind the variant.
    private static readonly UInt128 random = new(0x0fff, 0x3fff_ffff_ffff_ffff);

    [Fact]
    public async Task ids_are_of_version_7_carry_the_time_and_are_never_given_twice()
    {
        var before = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();
        var made = await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(() => Enumerable.Range(0, 2_000).Select(_ => EventId.Next()).ToList())));
        var after = DateTimeOffset.UtcNow.ToUnixTimeMilliseconds();

        var ids = made.SelectMany(one => one).ToList();
        Assert.Equal(ids.Count, ids.Distinct().Count());
        Assert.All(ids, id =>
        {
            Assert.Equal((7, 0x8), (id.Version, id.Variant & 0xc));
            Assert.InRange(Convert.ToInt64(id.ToString("N")[..12], 16), before, after);
        });
        // Each of the 74 other bits is sometimes set and sometimes not: 8,000 throws that all fall alike don't happen.
        var ever = Bits(ids, (all, one) => all | one);
        var always = Bits(ids, (all, one) => all & one);
        Assert.Equal(((UInt128)0, random), (always & random, ever & random));
    }

    private static UInt128 Bits(List<Guid> ids, Func<UInt128, UInt128, UInt128> join) =>
        ids.Select(id => UInt128.Parse(id.ToString("N"), System.Globalization.NumberStyles.HexNumber, System.Globalization.CultureInfo.InvariantCulture)).Aggregate(join);
}
