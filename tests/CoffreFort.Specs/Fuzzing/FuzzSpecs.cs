using System.Globalization;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Fuzzing;

/// <summary>Parsers under inputs that nobody would write: a short form here, a million cases each by <c>scripts/chaos fuzz</c>.</summary>
public sealed class FuzzSpecs(ITestOutputHelper output)
{
    private static readonly int? s_cases = Setting("COFFREFORT_CHAOS_CASES");

    public static TheoryData<string> Parsers =>
        [.. FuzzedParsers.All.Select(parser => parser.Name).Where(name => Environment.GetEnvironmentVariable("COFFREFORT_CHAOS_PARSER") is not { Length: > 0 } one || one == name)];

    [Theory]
    [MemberData(nameof(Parsers))]
    [Trait("Requirement", "R-341")]
    public void no_input_crashes_hangs_swells_or_is_taken_for_what_it_is_not(string name)
    {
        var run = new FuzzRun(FuzzedParsers.All.Single(parser => parser.Name == name), Setting("COFFREFORT_CHAOS_SEED") ?? Random.Shared.Next());
        run.Go(s_cases ?? 400);
        output.WriteLine(run.ToString());
        Assert.True(run.Findings.Count == 0, string.Join('\n', run.Findings));
        // Else nothing was tried but noise. Of so many, one in 64 is as it should be.
        Assert.True(run.Cases < 1000 || run.Taken > 0, "Nothing was taken.");
    }

    [Theory]
    [InlineData("crash", "threw IndexOutOfRangeException")]
    [InlineData("hang", "took")]
    [InlineData("swelling", "allocated")]
    [InlineData("second-form", "does not round-trip")]
    [InlineData("other-failure", "threw FormatException")]
    public void a_planted_bug_is_found(string planted, string finding)
    {
        var run = new FuzzRun(PlantedParser.With(planted), seed: 7) { Longest = planted == "hang" ? TimeSpan.FromMilliseconds(50) : TimeSpan.FromSeconds(20) };
        run.Go(20_000);
        output.WriteLine(run.ToString());
        Assert.Contains(run.Findings, told => told.Contains(finding, StringComparison.Ordinal));
    }

    [Fact]
    public void without_a_bug_nothing_is_found_in_the_same_parser()
    {
        var run = new FuzzRun(PlantedParser.With(""), seed: 7);
        run.Go(20_000);
        Assert.Empty(run.Findings);
        Assert.True(run.Taken > 0);
    }

    /// <summary>A finding can be looked at again.</summary>
    [Fact]
    public void the_same_seed_makes_the_same_cases()
    {
        foreach (var parser in FuzzedParsers.All)
            Assert.All(Enumerable.Range(0, 50), number => Assert.Equal(new Mutator(parser, 11).Case(number), new Mutator(parser, 11).Case(number)));
    }

    private static int? Setting(string name) => Environment.GetEnvironmentVariable(name) is { Length: > 0 } value ? int.Parse(value, CultureInfo.InvariantCulture) : null;
}
