using System.Diagnostics;

namespace CoffreFort.IntegrationTests;

/// <summary>The checked-out repository that the running tests were built from.</summary>
public static class Repository
{
    public static string Root { get; } = FindRoot();

    /// <summary>Runs one of the repository's scripts to its end and returns what it printed; throws with its complaint if it fails.</summary>
    public static async Task<string> RunScriptAsync(string name, params string[] arguments)
    {
        var start = new ProcessStartInfo(Path.Combine(Root, "scripts", name), arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
            throw new InvalidOperationException($"scripts/{name} {string.Join(' ', arguments)} failed: {await error}");
        return await output;
    }

    /// <summary>A built program of another project, in the configuration that the tests were built in.</summary>
    public static string Built(string project, string program)
    {
        var configuration = new DirectoryInfo(AppContext.BaseDirectory).Name;
        return Path.Combine(Root, "artifacts", "bin", project, configuration, program);
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "CoffreFort.sln")))
                return folder.FullName;
        throw new InvalidOperationException($"No folder above {AppContext.BaseDirectory} holds CoffreFort.sln.");
    }
}
