using System.Runtime.InteropServices;

namespace CoffreFort.Cryptography;

/// <summary>Files that only their owner may read, created whole or not at all.</summary>
internal static class PrivateFile
{
    private const UnixFileMode OwnerFile = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OwnerFolder = OwnerFile | UnixFileMode.UserExecute;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private const UnixFileMode Others = OthersWrite
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public static void CreateFolder(string folder)
    {
        if (OperatingSystem.IsWindows())
        {
            Directory.CreateDirectory(folder);
            return;
        }
        Directory.CreateDirectory(folder, OwnerFolder);
        if ((File.GetUnixFileMode(folder) & OthersWrite) != 0)
            throw new RootKeyRefused($"Others than its owner may write to {folder}, and could replace the root key: run chmod go-w on it.");
    }

    /// <summary>
    /// Puts the content under <paramref name="path"/> unless a file is there already: written and flushed under another name, then
    /// linked, so that among several processes the first wins and nobody ever sees half a file.
    /// </summary>
    public static void CreateIfMissing(string path, ReadOnlySpan<byte> content)
    {
        var temporary = $"{path}.{Guid.NewGuid():N}.tmp";
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = OwnerFile;
        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }
            if (!Publish(temporary, path))
                return;
            // Flushing the file once more under its final name carries the new name to disk on the usual file systems.
            using var named = new FileStream(path, FileMode.Open, FileAccess.ReadWrite);
            named.Flush(flushToDisk: true);
        }
        finally
        {
            File.Delete(temporary);
        }
    }

    /// <summary>
    /// Takes the name away, overwrites the file with zeros, flushes that, and deletes it; ends what an interrupted call left. Where the file system
    /// copies on write, or the disk moves blocks by itself, old bytes may stay below until they are reused: nothing of ours can reach there.
    /// </summary>
    public static void Erase(string path)
    {
        var leaving = path + ".erased";
        // From here on nobody takes it for a key, whatever happens on the way.
        if (File.Exists(path))
            File.Move(path, leaving, overwrite: true);
        if (!File.Exists(leaving))
            return;
        using (var file = new FileStream(leaving, FileMode.Open, FileAccess.Write))
        {
            file.Write(new byte[checked((int)file.Length)]);
            file.Flush(flushToDisk: true);
        }
        File.Delete(leaving);
    }

    /// <summary>False when the name is taken. (File.Move looks first and renames afterwards: of two racing processes the later would replace the earlier.)</summary>
    private static bool Publish(string temporary, string path)
    {
        if (!OperatingSystem.IsWindows() && Link(temporary, path) == 0)
            return true;
        if (File.Exists(path))
            return false;
        File.Move(temporary, path, overwrite: false);
        return true;
    }

    [DllImport("libc", EntryPoint = "link", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Link([MarshalAs(UnmanagedType.LPUTF8Str)] string existing, [MarshalAs(UnmanagedType.LPUTF8Str)] string name);

    /// <summary>Reads the file, having checked on the open file itself that nobody else may.</summary>
    public static byte[] Read(string path)
    {
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read);
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & Others) != 0)
            throw new RootKeyRefused($"Others than its owner may read {path}: run chmod 600 on it, and replace the key if somebody could have copied it.");
        var content = new byte[checked((int)file.Length)];
        file.ReadExactly(content);
        return content;
    }
}
