using System.Diagnostics;

namespace CoffreFort.Specs.Cryptography.Cms;

/// <summary>The stock program, in a folder of its own.</summary>
internal sealed class OpenSsl : IDisposable
{
    public string Folder { get; } = Directory.CreateTempSubdirectory("coffrefort-cms-").FullName;

    public string Write(string name, byte[] content)
    {
        File.WriteAllBytes(Path.Combine(Folder, name), content);
        return name;
    }

    public string Write(string name, string content) => Write(name, System.Text.Encoding.UTF8.GetBytes(content));

    public byte[] Read(string name) => File.ReadAllBytes(Path.Combine(Folder, name));

    public void Run(string arguments)
    {
        var (exitCode, complaint) = Try(arguments);
        Assert.True(exitCode == 0, $"openssl {arguments}\n{complaint}");
    }

    public bool Fails(string arguments) => Try(arguments).ExitCode != 0;

    public void Dispose() => Directory.Delete(Folder, recursive: true);

    private (int ExitCode, string Complaint) Try(string arguments)
    {
        using var process = Process.Start(new ProcessStartInfo("openssl", arguments) { WorkingDirectory = Folder, RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var complaint = process.StandardError.ReadToEnd();
        output.Wait();
        process.WaitForExit();
        return (process.ExitCode, complaint);
    }
}
