using System.Security.Cryptography;
using System.Text;

namespace CoffreFort.Cli.Witness;

/// <summary>Everything a witness keeps, in one folder that only its owner may enter, held by one process at a time.</summary>
/// <remarks>
/// <c>key/</c> holds the private key and the verifier key, <c>logs</c> the origins that were ever followed, <c>state/</c> one file for each,
/// <c>evidence/</c> what was refused and proves something. <c>lock</c> is held while a process lives, however it ends.
/// </remarks>
internal sealed class WitnessFolder : IDisposable
{
    private readonly FileStream held;

    private WitnessFolder(string path, FileStream held) => (Path, this.held) = (path, held);

    public string Path { get; }

    /// <exception cref="WitnessRefusal">Others may enter the folder, or another process holds it.</exception>
    /// <exception cref="IOException">The folder can't be made or read.</exception>
    public static WitnessFolder Open(string path)
    {
        var folder = System.IO.Path.TrimEndingDirectorySeparator(System.IO.Path.GetFullPath(path));
        DurableFiles.EnsureFolder(folder);
        var opened = new WitnessFolder(folder, Hold(System.IO.Path.Combine(folder, "lock")));
        try
        {
            foreach (var part in (string[])["state", "evidence"]) DurableFiles.EnsureFolder(System.IO.Path.Combine(folder, part));
            DurableFiles.FlushFolder(folder);
            return opened;
        }
        catch
        {
            opened.Dispose();
            throw;
        }
    }

    public string StateFile(string origin) => System.IO.Path.Combine(Path, "state", Hash(origin));

    public string EvidenceFolder(string origin) => System.IO.Path.Combine(Path, "evidence", Hash(origin));

    /// <summary>The origins that were ever followed. A state file that should be there and is not can be told from a new log only by this list.</summary>
    public IReadOnlyList<string> KnownLogs()
    {
        var file = System.IO.Path.Combine(Path, "logs");
        return File.Exists(file) ? Encoding.UTF8.GetString(DurableFiles.Read(file)).Split('\n', StringSplitOptions.RemoveEmptyEntries) : [];
    }

    public void RememberLog(string origin) =>
        DurableFiles.Replace(System.IO.Path.Combine(Path, "logs"), Encoding.UTF8.GetBytes(string.Concat(KnownLogs().Append(origin).Select(line => line + "\n"))));

    public void Dispose() => held.Dispose();

    // Opened without sharing, a file is locked by .NET until the process ends.
    private static FileStream Hold(string path)
    {
        try
        {
            return DurableFiles.Open(path, FileMode.OpenOrCreate, FileShare.None);
        }
        catch (IOException) when (File.Exists(path))
        {
            throw new WitnessRefusal($"Another process holds {path}: two witnesses with one key could contradict each other.");
        }
    }

    private static string Hash(string origin) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(origin)));
}
