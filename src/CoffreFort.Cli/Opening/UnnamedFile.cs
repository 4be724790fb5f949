using System.Runtime.InteropServices;
using CoffreFort.Server.Edges.Blobs;
using Microsoft.Win32.SafeHandles;

namespace CoffreFort.Cli.Opening;

/// <summary>
/// A file that gets its name when it is complete, and never takes another's. Before that, on Linux, it has none at all: if this process is killed, nothing of it stays. Elsewhere, and
/// on file systems that can't, it has a name of its own until then.
/// </summary>
internal sealed partial class UnnamedFile : IDisposable
{
    private const int ReadWrite = 2;
    private const int CloseOnExec = 0x80000;
    private const int CurrentFolder = -100;
    private const int FollowLink = 0x400;
    private const int Exists = 17;
    private const uint OwnerFile = 0x180;
    private const UnixFileMode Owner = UnixFileMode.UserRead | UnixFileMode.UserWrite;

    private readonly string? _temporary;
    private bool _published;

    private UnnamedFile(string path, FileStream content, string? temporary) => (Path, Content, _temporary) = (path, content, temporary);

    /// <summary>Where it will be.</summary>
    public string Path { get; }

    /// <summary>Only its owner may read it, now and later.</summary>
    public FileStream Content { get; }

    /// <exception cref="IOException">The folder can't be written.</exception>
    /// <exception cref="OpenRefusal">There is a file of this name.</exception>
    public static UnnamedFile Create(string path)
    {
        if (System.IO.Path.Exists(path)) throw Taken(path);
        var folder = System.IO.Path.GetDirectoryName(path)!;
        if (!Directory.Exists(folder)) throw new OpenRefusal($"There is no folder {folder}.");
        return Unnamed(path, folder) ?? Named(path, folder);
    }

    /// <summary>Makes it durable, and gives it its name.</summary>
    /// <exception cref="OpenRefusal">There is a file of this name now.</exception>
    public void Publish()
    {
        Content.Flush(flushToDisk: true);
        if (_temporary is not null) Move(_temporary);
        else if (linkat(CurrentFolder, Descriptor(Content.SafeFileHandle), CurrentFolder, Path, FollowLink) != 0)
            throw Marshal.GetLastPInvokeError() == Exists ? Taken(Path) : new IOException($"{Marshal.GetLastPInvokeErrorMessage()}: '{Path}'");
        _published = true;
        if (!OperatingSystem.IsWindows()) DurableFolder.Flush(System.IO.Path.GetDirectoryName(Path)!);
    }

    public void Dispose()
    {
        Content.Dispose();
        if (!_published && _temporary is not null) File.Delete(_temporary);
    }

    private void Move(string temporary)
    {
        try
        {
            File.Move(temporary, Path, overwrite: false);
        }
        catch (IOException) when (System.IO.Path.Exists(Path))
        {
            throw Taken(Path);
        }
    }

    private static UnnamedFile? Unnamed(string path, string folder)
    {
        // O_TMPFILE holds O_DIRECTORY, whose value is the processor's.
        int? temporary = RuntimeInformation.ProcessArchitecture switch { Architecture.X64 => 0x410000, Architecture.Arm64 => 0x404000, _ => null };
        if (!OperatingSystem.IsLinux() || temporary is null || !Directory.Exists("/proc/self/fd")) return null;
        var descriptor = open(folder, temporary.Value | ReadWrite | CloseOnExec, OwnerFile);
        return descriptor < 0 ? null : new UnnamedFile(path, new FileStream(new SafeFileHandle(descriptor, ownsHandle: true), FileAccess.ReadWrite), temporary: null);
    }

    private static UnnamedFile Named(string path, string folder)
    {
        var temporary = System.IO.Path.Combine(folder, $".{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = Owner;
        return new UnnamedFile(path, new FileStream(temporary, options), temporary);
    }

    private static string Descriptor(SafeFileHandle handle) => $"/proc/self/fd/{handle.DangerousGetHandle()}";

    private static OpenRefusal Taken(string path) => new($"{path} is there already, and is not overwritten: name another file with --out.");

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags, uint mode);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int linkat(int oldFolder, string oldPath, int newFolder, string newPath, int flags);
}
