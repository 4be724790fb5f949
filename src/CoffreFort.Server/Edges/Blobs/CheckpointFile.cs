using System.Security.Cryptography;
using System.Text;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>The one small file beside the blobs that is ever replaced: <c>folder/.checkpoint</c>, 0600. Its tag is its content's hash.</summary>
/// <remarks>Several processes may replace it: they take turns by locking <c>.checkpoint.lock</c>. Readers see the old or the new content, whole.</remarks>
internal sealed class CheckpointFile(string folder)
{
    private const int LongestNote = 256 * 1024;
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(10);

    private readonly string path = Path.Combine(folder, ".checkpoint");

    public KeptCheckpoint? Read()
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            var content = new byte[Math.Min(file.Length, LongestNote)];
            file.ReadExactly(content);
            return new KeptCheckpoint(Encoding.UTF8.GetString(content), TagOf(content));
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    public async Task<bool> ReplaceAsync(string note, string? tag, CancellationToken cancellation)
    {
        await using var alone = await LockAsync(cancellation);
        if (Read()?.Tag != tag)
            return false;
        var written = path + ".new";
        using (var file = new FileStream(written, Options(FileMode.Create)))
        {
            file.Write(Encoding.UTF8.GetBytes(note));
            file.Flush(flushToDisk: true);
        }

        File.Move(written, path, overwrite: true);
        DurableFolder.Flush(folder);
        return true;
    }

    /// <summary>Waits for another process that is replacing it at this moment, which takes two flushes.</summary>
    private async Task<FileStream> LockAsync(CancellationToken cancellation)
    {
        for (var waited = System.Diagnostics.Stopwatch.StartNew(); ;)
        {
            try
            {
                return new FileStream(path + ".lock", Options(FileMode.OpenOrCreate));
            }
            catch (IOException) when (File.Exists(path + ".lock") && waited.Elapsed < LongestWait)
            {
                // A lock on a file tells nobody that it is free again.
                await Task.Delay(5, cancellation);
            }
        }
    }

    private static string TagOf(byte[] content) => Convert.ToHexStringLower(SHA256.HashData(content));

#pragma warning disable CA1416 // The blob store's constructor refuses Windows.
    private static FileStreamOptions Options(FileMode mode) => new()
    {
        Mode = mode, Access = FileAccess.Write, Share = FileShare.None, BufferSize = 0, UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite,
    };
#pragma warning restore CA1416
}
