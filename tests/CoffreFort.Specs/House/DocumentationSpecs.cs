using System.Text.RegularExpressions;

namespace CoffreFort.Specs.House;

/// <summary>What the documentation promises is tested, and what it shows is code that compiles.</summary>
public partial class DocumentationSpecs
{
    private const string Requirements = "docs/requirements.md";

    /// <summary>Cited as [Trait("Requirement", "…")] or in a comment; a line of the page that says (planned) admits that nothing keeps it yet.</summary>
    [Fact]
    public void every_requirement_is_cited_by_a_test_and_every_citation_exists()
    {
        if (!File.Exists(Path.Combine(SourceTree.Root, Requirements))) return;
        string[] lines = SourceTree.Text(Requirements).Split('\n');
        var all = lines.SelectMany(Ids).ToHashSet();
        var planned = lines.Where(line => line.Contains("(planned)", StringComparison.Ordinal)).SelectMany(Ids).ToHashSet();
        var cited = SourceTree.Files("tests", ".cs").SelectMany(path => Ids(SourceTree.Text(path))).ToHashSet();

        SourceTree.AssertNone(
            all.Except(planned).Except(cited).Order().Select(id => $"{id} is required, but no test cites it")
                .Concat(cited.Except(all).Order().Select(id => $"{id} is cited by a test, but {Requirements} does not have it")),
            $"Write the test that would fail if the requirement were broken, and cite it: [Trait(\"Requirement\", \"…\")]; or mark its line in {Requirements} (planned).");
    }

    [Fact]
    public void every_requirement_has_a_number_of_its_own() => SourceTree.AssertNone(
        from row in SourceTree.Text(Requirements).Split('\n').Where(line => line.StartsWith("| R-", StringComparison.Ordinal)).GroupBy(line => line[2..7])
        where row.Count() > 1
        select $"{row.Key} stands for {row.Count()} requirements",
        "Give all but one another number, and cite that in their tests.");

    [Fact]
    public void every_sample_in_the_documentation_equals_the_code_it_comes_from() => SourceTree.AssertNone(
        from page in Pages
        from marker in Marker().Matches(SourceTree.Text(page))
        let shown = marker.Groups["code"]
        let source = Region(marker.Groups["path"].Value, marker.Groups["region"].Value)
        where source is null || !shown.Success || Trimmed(shown.Value) != Trimmed(source)
        select $"{page}: {marker.Groups["path"]}#{marker.Groups["region"]} {(source is null ? "is not in the code" : "differs from the code")}",
        "A sample follows its marker as a fenced block, and equals the lines between '// sample: name' and '// end-sample' in that file. Copy them anew.");

    private static IEnumerable<string> Pages =>
        SourceTree.Files("docs", ".md").Concat(Directory.EnumerateFiles(SourceTree.Root, "*.md").Select(page => Path.GetFileName(page)));

    private static IEnumerable<string> Ids(string text) => RequirementId().Matches(text).Select(match => match.Value);

    private static string? Region(string path, string name) =>
        File.Exists(Path.Combine(SourceTree.Root, path))
        && Regex.Match(SourceTree.Text(path), $@"// sample: {Regex.Escape(name)}[ \t]*\r?\n(?<code>.*?)// end-sample", RegexOptions.Singleline) is { Success: true } found
            ? found.Groups["code"].Value
            : null;

    private static string Trimmed(string code) => string.Join('\n', code.Split('\n').Select(line => line.Trim())).Trim();

    [GeneratedRegex(@"\bR-\d{3}\b")]
    private static partial Regex RequirementId();

    [GeneratedRegex(@"<!-- from: (?<path>[^#\s]+)#(?<region>\S+) -->(\s*```[^\n]*\n(?<code>.*?)\n[ \t]*```)?", RegexOptions.Singleline)]
    private static partial Regex Marker();
}
