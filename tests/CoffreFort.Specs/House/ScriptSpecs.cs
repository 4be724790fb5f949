using System.Diagnostics;

namespace CoffreFort.Specs.House;

/// <summary>Whoever asks a script what it does, or mistypes an option, must not have it do it.</summary>
public sealed class ScriptSpecs
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    /// <summary>All but <c>scripts/coffrefort</c>, which hands everything on to the command line that it builds.</summary>
    public static TheoryData<string> Scripts => [.. Directory.GetFiles(Path.Combine(SourceTree.Root, "scripts")).Select(file => Path.GetFileName(file)).Except(["coffrefort"]).Order()];

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task a_script_that_is_asked_for_help_only_tells_its_own_use(string script)
    {
        var (exit, output, _) = await RunAsync(script, "--help");
        Assert.Equal(0, exit);
        Assert.Contains($"scripts/{script}", output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Scripts))]
    public async Task an_option_that_a_script_does_not_know_is_refused(string script)
    {
        var (exit, output, errors) = await RunAsync(script, "--no-such-option");
        Assert.Contains(exit, new[] { 1, 2 });
        Assert.Equal("", output);
        Assert.Contains($"scripts/{script}", errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("journal", "--help")]
    [InlineData("journal", "--only", "apend")]
    [InlineData("journal", "--round", "3")]
    [InlineData("journal", "--rounds")]
    public async Task a_benchmark_is_run_only_as_it_was_meant(params string[] arguments)
    {
        var (exit, output, errors) = await RunAsync("bench", arguments);
        Assert.Equal(arguments.Contains("--help") ? 0 : 2, exit);
        Assert.Contains("scripts/bench journal", output + errors, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--rounds", "0")]
    [InlineData("--rounds", "1.5")]
    [InlineData("--seconds", "0.0")]
    [InlineData("--callers", "1,0")]
    [InlineData("--replay", "0")]
    public async Task a_benchmark_of_nothing_is_refused_by_name_before_anything_is_built(string option, string value)
    {
        var (exit, output, errors) = await RunAsync("bench", "journal", option, value);
        Assert.Equal((2, ""), (exit, output));
        Assert.StartsWith($"scripts/bench: {option} takes ", errors, StringComparison.Ordinal);
        Assert.Contains($"'{value}'", errors, StringComparison.Ordinal);
    }

    private static async Task<(int Exit, string Output, string Errors)> RunAsync(string script, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("bash", [Path.Combine(SourceTree.Root, "scripts", script), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        })!;
        using var limit = new CancellationTokenSource(Limit);
        try
        {
            var (output, errors) = (process.StandardOutput.ReadToEndAsync(limit.Token), process.StandardError.ReadToEndAsync(limit.Token));
            await process.WaitForExitAsync(limit.Token);
            return (process.ExitCode, await output, await errors);
        }
        finally
        {
            if (!process.HasExited) process.Kill(entireProcessTree: true);
        }
    }
}
