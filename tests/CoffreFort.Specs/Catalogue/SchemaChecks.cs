using System.Diagnostics;

namespace CoffreFort.Specs.Catalogue;

/// <summary>The published schemas against ajv, a validator that we did not write; skipped where there is no Node.</summary>
public sealed class SchemaChecks
{
    private static readonly string CheckFolder = Path.Combine(ShippedCatalogue.RepositoryFolder, "tests", "CoffreFort.Specs", "Catalogue", "schema-check");

    [NodeFact]
    public void the_shipped_files_satisfy_the_published_schemas()
    {
        Assert.Equal("", Faults("evidence-types.json", [Path.Combine(ShippedCatalogue.Folder, "evidence-types.json")]));
        Assert.Equal("", Faults("procedures.json", [Path.Combine(ShippedCatalogue.Folder, "procedures.json")]));
    }

    [NodeFact]
    public void what_the_schema_can_see_the_schema_refuses_too()
    {
        foreach (var cases in LoadingTheCatalogue.TheSchemaSeesToo.GroupBy(row => (string)row[0]))
        {
            var broken = cases.Select(row => Path.Combine(ShippedCatalogue.Broken(cases.Key, (string)row[1], (string)row[2]), cases.Key)).ToList();
            var faults = Faults(cases.Key, broken);
            Assert.All(broken, document => Assert.Contains(document, faults, StringComparison.Ordinal));
        }
    }

    private static string Faults(string file, IEnumerable<string> documents)
    {
        if (!Directory.Exists(Path.Combine(CheckFolder, "node_modules", "ajv")))
            Assert.True(Run("npm", ["ci", "--ignore-scripts", "--no-audit", "--no-fund"]).ExitCode == 0, $"run `npm ci --ignore-scripts` in {CheckFolder}");
        var schema = Path.Combine(ShippedCatalogue.RepositoryFolder, "docs", "schemas", file.Replace(".json", ".schema.json", StringComparison.Ordinal));
        var (exitCode, output, errors) = Run("node", ["check.cjs", schema, .. documents]);
        Assert.Equal("", errors);
        Assert.Equal(output.Length > 0, exitCode == 1);
        return output;
    }

    private static (int ExitCode, string Output, string Errors) Run(string program, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo(program, arguments) { WorkingDirectory = CheckFolder, RedirectStandardOutput = true, RedirectStandardError = true };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output, errors.GetAwaiter().GetResult());
    }
}
