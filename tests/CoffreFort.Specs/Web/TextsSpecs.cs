using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;
using CoffreFort.Server.Web;

namespace CoffreFort.Specs.Web;

/// <summary>Every French text has its English, and no English is left over from a text that is gone.</summary>
public sealed partial class TextsSpecs
{
    [Fact]
    [Trait("Requirement", "R-229")]
    public void every_text_of_the_server_has_an_english_text()
    {
        var missing = Used().Where(text => !English().ContainsKey(text)).ToList();
        Assert.True(missing.Count == 0, "Add these to src/CoffreFort.Server/Resources/Texts.en.resx:\n" + string.Join('\n', missing));
    }

    [Fact]
    public void no_english_text_is_unused()
    {
        var used = Used().ToHashSet();
        var unused = English().Keys.Where(text => !used.Contains(text)).ToList();
        Assert.True(unused.Count == 0, "Remove these from src/CoffreFort.Server/Resources/Texts.en.resx:\n" + string.Join('\n', unused));
    }

    [Fact]
    public void an_english_text_takes_the_same_values_as_its_french_one()
    {
        var different = English().Where(pair => Slots(pair.Key) != Slots(pair.Value)).Select(pair => pair.Key).ToList();
        Assert.Empty(different);
    }

    [Fact]
    public void no_text_is_looked_up_in_a_form_that_this_scan_cannot_read() =>
        Assert.DoesNotContain(Sources(), file => Unreadable().IsMatch(Code(file)));

    private static string Slots(string text) => string.Concat(Slot().Matches(text).Select(match => match.Value).Distinct().Order());

    private static Dictionary<string, string> English() => new Localizer().GetAllStrings(false).ToDictionary(text => text.Name, text => text.Value);

    private static IEnumerable<string> Used() => Sources()
        .SelectMany(file => Lookup().Matches(Code(file)))
        .SelectMany(match => match.Groups["text"].Captures)
        .Select(capture => Regex.Unescape(capture.Value))
        .Distinct();

    private static string Code(string file) =>
        string.Join('\n', File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("///", StringComparison.Ordinal)));

    private static IEnumerable<string> Sources([CallerFilePath] string here = "") =>
        Directory.EnumerateFiles(Path.Combine(Path.GetDirectoryName(here)!, "../../../src/CoffreFort.Server"), "*", SearchOption.AllDirectories)
            .Where(file => file.EndsWith(".cshtml", StringComparison.Ordinal) || file.EndsWith(".cs", StringComparison.Ordinal))
            .Where(file => !file.EndsWith("TryOut/Components.cshtml", StringComparison.Ordinal));

    // A lookup, a marked text, a refusal (by its name, or as new("its-code", "A sentence")), a plural.
    [GeneratedRegex("""
        (?x) (?: \b(?:T|texts)\[ | Texts\.Of\( | new\ Refusal\(\s*"[a-z0-9-]+",\s* | \bnew\(\s*"[a-z0-9-]+",\s*(?="[A-ZÀÉÊ][^"]*\ ) )\s*"(?<text>(?:[^"\\]|\\.)+)"
        | \b(?:T|texts)\.(?:Count|Label)\( [^"\n]* "(?<text>(?:[^"\\]|\\.)+)",\s* "(?<text>(?:[^"\\]|\\.)+)"
        """, RegexOptions.CultureInvariant)]
    private static partial Regex Lookup();

    [GeneratedRegex("""\b(?:T|texts)\[\s*(?:\$|@"|\"{3})""", RegexOptions.CultureInvariant)]
    private static partial Regex Unreadable();

    [GeneratedRegex(@"\{\d+[^}]*\}", RegexOptions.CultureInvariant)]
    private static partial Regex Slot();
}
