using System.Globalization;
using CoffreFort.Server.Features.Documents;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Features.Documents;

public sealed class FileNamesSpecs
{
    [Theory]
    [InlineData("avis.pdf", "avis.pdf")]
    [InlineData("C:\\Users\\camille\\avis.pdf", "avis.pdf")]
    [InlineData("../../avis.pdf", "avis.pdf")]
    [InlineData("  .avis.pdf.  ", "avis.pdf")]
    [InlineData("e\u0301te\u0301.pdf", "été.pdf")]
    [InlineData("a\u202e\u200b\u0007b", "ab")]
    [InlineData("/", "document")]
    [InlineData(null, "document")]
    public void a_name_keeps_what_people_read_and_nothing_else(string? given, string kept) => Assert.Equal(kept, FileNames.Clean(given));

    [Fact]
    public void whatever_a_device_sends_a_clean_name_is_short_visible_and_no_path() =>
        Prop.ForAll<string>(given =>
        {
            var clean = FileNames.Clean(given + "é\ud83d\ude00" + given);
            return clean.Length is > 0 and <= FileNames.MaximumLength && clean.IndexOfAny(['/', '\\', '\r', '\n', '"', '\0']) < 0
                && clean.EnumerateRunes().All(rune => System.Text.Rune.GetUnicodeCategory(rune) is not (UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate))
                && FileNames.Clean(clean) == clean;
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void a_long_name_keeps_its_ending_and_no_half_character()
    {
        var clean = FileNames.Clean(string.Concat(Enumerable.Repeat("😀", 100)) + ".pdf");
        Assert.EndsWith("….pdf", clean, StringComparison.Ordinal);
        Assert.True(clean.Length <= FileNames.MaximumLength);
        Assert.DoesNotContain('\ufffd', System.Text.Encoding.UTF8.GetString(System.Text.Encoding.UTF8.GetBytes(clean)));
    }

    [Fact]
    public void a_title_is_one_line() => Assert.Equal("Avis  2025 (b)", FileNames.CleanTitle(" Avis\u2028 2025\u202e (b)\n"));
}
