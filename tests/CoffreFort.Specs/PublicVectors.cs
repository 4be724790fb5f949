using System.Text.Json;
using Xunit.Abstractions;

namespace CoffreFort.Specs;

/// <summary>
/// Finds the public test vectors, which this repository does not contain: <c>../shared/vectors</c> beside the repository,
/// or the folder named in <c>COFFREFORT_PUBLIC_VECTORS</c>. A spec that finds none passes and says so in its output.
/// </summary>
internal static class PublicVectors
{
    /// <summary>The folder with <c>wycheproof/</c> and <c>merkle/</c>, or null where there is none.</summary>
    public static string? Folder { get; } = Find();

    /// <summary>Whether the vectors are there; when they are not, the reason goes to <paramref name="output"/>.</summary>
    public static bool Available(ITestOutputHelper output)
    {
        if (Folder is not null)
            return true;
        output.WriteLine("0 public vectors run: neither ../shared/vectors nor the folder in COFFREFORT_PUBLIC_VECTORS exists.");
        return false;
    }

    /// <summary>Reads one vector file; <paramref name="path"/> is relative to <see cref="Folder"/>.</summary>
    public static JsonDocument Read(string path) => JsonDocument.Parse(File.ReadAllBytes(Path.Combine(Folder!, path)));

    /// <summary>Every test of a Wycheproof file, with the group it stands in.</summary>
    public static IEnumerable<(JsonElement Group, JsonElement Test)> Tests(JsonDocument file) =>
        from @group in file.RootElement.GetProperty("testGroups").EnumerateArray()
        from test in @group.GetProperty("tests").EnumerateArray()
        select (@group, test);

    /// <summary>Says how many ran, and fails unless it was all of them.</summary>
    public static void AssertAllRun(ITestOutputHelper output, string path, int run, int expected, string remark = "")
    {
        output.WriteLine($"{run} of {expected} public vectors run from {path}{remark}.");
        Assert.True(expected > 0, $"{path} holds no vectors.");
        Assert.Equal(expected, run);
    }

    private static string? Find()
    {
        var named = Environment.GetEnvironmentVariable("COFFREFORT_PUBLIC_VECTORS");
        if (!string.IsNullOrEmpty(named))
            return Directory.Exists(named) ? named : throw new DirectoryNotFoundException($"COFFREFORT_PUBLIC_VECTORS names {named}, which is not a folder.");

        var root = new DirectoryInfo(AppContext.BaseDirectory);
        while (root is not null && !File.Exists(Path.Combine(root.FullName, "CoffreFort.sln")))
            root = root.Parent;
        if (root?.Parent is null)
            return null;
        var beside = Path.Combine(root.Parent.FullName, "shared", "vectors");
        return Directory.Exists(beside) ? beside : null;
    }
}
