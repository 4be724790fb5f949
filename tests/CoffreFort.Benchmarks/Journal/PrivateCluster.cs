using System.Diagnostics;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>A durable PostgreSQL with default settings, run by <c>scripts/postgres</c> and deleted at the end.</summary>
internal sealed class PrivateCluster : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("coffrefort-bench-").FullName;

    public PrivateCluster()
    {
        var lines = Script("start", _folder, "--until-exit-of", $"{Environment.ProcessId}", "--discard");
        Host = lines.Split('\n').Single(line => line.StartsWith("PGHOST=", StringComparison.Ordinal))["PGHOST=".Length..];
    }

    public string Host { get; }

    public string ConnectionString(string user) => $"Host={Host};Username={user};Database=postgres;Maximum Pool Size=40";

    public void Dispose() => Script("stop", _folder, "--discard");

    private static string Script(params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(Path.Combine(Root(), "scripts", "postgres"), arguments) { RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? output : throw new InvalidOperationException("scripts/postgres failed");
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "CoffreFort.sln"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
