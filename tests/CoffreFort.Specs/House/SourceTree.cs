using System.Text.RegularExpressions;

namespace CoffreFort.Specs.House;

/// <summary>The files of the repository that these tests were built from, and how a house rule reports what broke it.</summary>
internal static partial class SourceTree
{
    public static string Root { get; } = FindRoot();

    /// <summary>Every file below a folder with this ending, without what builds and package managers put there; paths relative to the root.</summary>
    public static IEnumerable<string> Files(string folder, string extension) =>
        from file in Directory.Exists(Path.Combine(Root, folder)) ? Directory.EnumerateFiles(Path.Combine(Root, folder), "*" + extension, SearchOption.AllDirectories) : []
        let path = Path.GetRelativePath(Root, file).Replace('\\', '/')
        where !Built().IsMatch(path)
        orderby path
        select path;

    public static IEnumerable<string> Code => Files("src", ".cs").Concat(Files("tests", ".cs"));

    public static string Text(string path) => File.ReadAllText(Path.Combine(Root, path));

    /// <summary>Fails with every breach on its own line, and what to do about them.</summary>
    public static void AssertNone(IEnumerable<string> breaches, string remedy)
    {
        string[] found = [.. breaches];
        if (found.Length > 0) Assert.Fail($"{string.Join('\n', found)}\n{remedy}");
    }

    [GeneratedRegex("(^|/)(obj|bin|artifacts|node_modules)/")]
    private static partial Regex Built();

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CoffreFort.sln"))) return folder.FullName;
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds CoffreFort.sln.");
    }
}
