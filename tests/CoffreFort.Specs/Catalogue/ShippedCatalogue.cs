using CoffreFort.Server.Catalogue;

namespace CoffreFort.Specs.Catalogue;

/// <summary>The files as the server ships them, and a folder to break copies in.</summary>
internal static class ShippedCatalogue
{
    internal static string Folder { get; } = Path.Combine(AppContext.BaseDirectory, "Catalogue");

    internal static EvidenceCatalogue Loaded { get; } = EvidenceCatalogue.Load(Folder);

    internal static string RepositoryFolder
    {
        get
        {
            var folder = new DirectoryInfo(AppContext.BaseDirectory);
            while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "CoffreFort.sln")))
                folder = folder.Parent;
            return folder?.FullName ?? throw new InvalidOperationException("the specs run outside the repository");
        }
    }

    // Beside the tests' own files, and emptied by the next run: nothing piles up in the machine's temporary folder.
    private static readonly string brokenCopies = Emptied(Path.Combine(AppContext.BaseDirectory, "broken-catalogues"));

    /// <summary>A copy of the files in a new folder, one of them with a text replaced.</summary>
    internal static string Broken(string file, string find, string replacement)
    {
        var folder = Directory.CreateDirectory(Path.Combine(brokenCopies, Guid.NewGuid().ToString("N"))).FullName;
        foreach (var name in new[] { "evidence-types.json", "procedures.json" })
        {
            var text = File.ReadAllText(Path.Combine(Folder, name));
            var at = name == file ? text.IndexOf(find, StringComparison.Ordinal) : -1;
            if (name == file && at < 0)
                throw new InvalidOperationException($"{file} does not hold {find}");
            File.WriteAllText(Path.Combine(folder, name), at < 0 ? text : text[..at] + replacement + text[(at + find.Length)..]);
        }

        return folder;
    }

    private static string Emptied(string folder)
    {
        if (Directory.Exists(folder)) Directory.Delete(folder, recursive: true);
        return folder;
    }
}
