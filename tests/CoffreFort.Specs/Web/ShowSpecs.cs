using System.Globalization;
using CoffreFort.Server.Web;

namespace CoffreFort.Specs.Web;

public sealed class ShowSpecs
{
    [Theory]
    [InlineData("fr", "2026-03-12T13:05:00Z", "12 mars 2026 à 14\u00a0h\u00a005")]
    [InlineData("fr", "2026-03-31T22:30:00Z", "1er avril 2026 à 0\u00a0h\u00a030")]
    [InlineData("en", "2026-03-31T22:30:00Z", "1 April 2026 at 00:30")]
    public void an_instant_is_told_in_paris_time_and_in_the_readers_language(string language, string instant, string expected) =>
        Assert.Equal(expected, In(language, () => Show.Instant(DateTimeOffset.Parse(instant, CultureInfo.InvariantCulture))));

    [Theory]
    [InlineData("fr", 0, "0\u00a0octet")]
    [InlineData("fr", 1, "1\u00a0octet")]
    [InlineData("en", 0, "0\u00a0bytes")]
    [InlineData("en", 1, "1\u00a0byte")]
    [InlineData("en", 2, "2\u00a0bytes")]
    [InlineData("fr", 999, "999\u00a0octets")]
    [InlineData("fr", 1_234_567, "1,2\u00a0Mo")]
    [InlineData("en", 1_234_567, "1.2\u00a0MB")]
    [InlineData("fr", 999_999, "1\u00a0Mo")]
    [InlineData("fr", 12_345, "12\u00a0ko")]
    [InlineData("fr", 10_737_418_240, "11\u00a0Go")]
    public void a_size_is_short_and_honest(string language, long bytes, string expected) =>
        Assert.Equal(expected, In(language, () => Show.Size(bytes)));

    [Fact]
    public void french_punctuation_keeps_its_spaces_unbroken() =>
        Assert.Equal("L’accord\u00a0: oui\u202f? «\u00a0Non\u00a0»\u202f!", Typography.French("L'accord : oui ? « Non » !"));

    [Theory]
    [InlineData("fr", 0, "0 pièce")]
    [InlineData("fr", 1, "1 pièce")]
    [InlineData("fr", 2, "2 pièces")]
    public void french_counts_none_and_one_alike(string language, int number, string expected) =>
        Assert.Equal(expected, In(language, () => new Localizer().Count(number, "{0} pièce", "{0} pièces")));

    private static string In(string language, Func<string> say)
    {
        var before = (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture);
        CultureInfo.CurrentCulture = CultureInfo.CurrentUICulture = CultureInfo.GetCultureInfo(language);
        try
        {
            return say();
        }
        finally
        {
            (CultureInfo.CurrentCulture, CultureInfo.CurrentUICulture) = before;
        }
    }
}
