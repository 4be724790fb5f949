using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.Cli.Witness;

/// <summary>Files and folders of the witness alone, there after a power failure once a call has returned. Unix only.</summary>
internal static class DurableFiles
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode Others = UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    private const string Staged = ".new";

    /// <summary>Puts the content in the place of what the file held: at any instant the file is whole, the old or the new.</summary>
    public static void Replace(string path, ReadOnlySpan<byte> content)
    {
        Stage(path, content);
        Publish(path);
    }

    /// <summary>Makes the content durable beside the file. If it fails, nothing has changed.</summary>
    public static void Stage(string path, ReadOnlySpan<byte> content)
    {
        using var file = Open(path + Staged, FileMode.Create, FileShare.Read);
        file.Write(content);
        file.Flush(flushToDisk: true);
    }

    /// <summary>Puts what was staged in the file's place. If it fails, nobody knows which of the two will be there after a power failure.</summary>
    public static void Publish(string path)
    {
        File.Move(path + Staged, path, overwrite: true);
        FlushFolder(Path.GetDirectoryName(path)!);
    }

    /// <summary>Opens a file to write, and makes a new one for its owner alone.</summary>
    public static FileStream Open(string path, FileMode mode, FileShare share)
    {
        var options = new FileStreamOptions { Mode = mode, Access = FileAccess.Write, Share = share, BufferSize = 0 };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = OwnerFile;
        return new FileStream(path, options);
    }

    /// <summary>Makes a folder that only its owner may enter, with those above it, and refuses one that others may.</summary>
    /// <exception cref="WitnessRefusal">Others than its owner may read, write or enter it, or this is no Unix.</exception>
    public static void EnsureFolder(string path)
    {
        if (OperatingSystem.IsWindows()) throw new WitnessRefusal("The witness needs a Unix file system.");
        if (!Directory.Exists(path))
        {
            Directory.CreateDirectory(path, OwnerFolder);
            FlushFolder(Path.GetDirectoryName(path)!);
        }

        RefuseOpen(path, File.GetUnixFileMode(path), "700");
    }

    /// <summary>Reads a whole file, having made sure that nobody else may.</summary>
    /// <exception cref="WitnessRefusal">Others than its owner may read or write it.</exception>
    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        if (!OperatingSystem.IsWindows()) RefuseOpen(path, File.GetUnixFileMode(file.SafeFileHandle), "600");
        var content = new byte[checked((int)file.Length)];
        file.ReadExactly(content);
        return content;
    }

    /// <summary>Makes the entries of a folder durable.</summary>
    public static void FlushFolder(string folder) => DurableFolder.Flush(folder);

    private static void RefuseOpen(string path, UnixFileMode mode, string remedy)
    {
        if ((mode & Others) != 0)
            throw new WitnessRefusal($"Others than its owner may get at {path}: find out who could have, then run chmod {remedy} on it.");
    }
}
