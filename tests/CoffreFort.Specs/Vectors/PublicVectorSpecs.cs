using CoffreFort.Specs.House;
using Xunit.Abstractions;

namespace CoffreFort.Specs.Vectors;

/// <summary>No public vectors lie there unused.</summary>
public sealed class PublicVectorSpecs(ITestOutputHelper output)
{
    [Fact]
    public void each_file_of_the_public_vectors_is_run_by_a_spec()
    {
        if (!PublicVectors.Available(output)) return;
        var specs = string.Concat(SourceTree.Files("tests/CoffreFort.Specs", "VectorSpecs.cs").Select(SourceTree.Text));
        var files = Directory.EnumerateFiles(Path.Combine(PublicVectors.Folder!, "wycheproof"), "*.json").Select(path => Path.GetFileName(path)).ToList();
        Assert.NotEmpty(files);
        // One path is made of the key's length.
        Assert.All(files, file => Assert.Contains(file.Replace("3072", "{bits}", StringComparison.Ordinal).Replace("4096", "{bits}", StringComparison.Ordinal), specs, StringComparison.Ordinal));
    }
}
