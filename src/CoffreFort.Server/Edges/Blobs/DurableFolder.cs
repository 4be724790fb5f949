using System.Runtime.InteropServices;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// Makes the entries of a folder durable, which .NET can't. This one file is compiled into the server and into the command line (whose witness keeps files
/// too): neither depends on the other.
/// </summary>
internal static partial class DurableFolder
{
    private const int Interrupted = 4;
    private static readonly int CloseOnExec = OperatingSystem.IsLinux() ? 0x80000 : 0x1000000;

    /// <summary>A new or removed name survives a power failure only after this.</summary>
    /// <exception cref="IOException">It can't; its HResult is the errno, as that of .NET's own file errors is on Unix.</exception>
    public static void Flush(string folder)
    {
        var descriptor = open(folder, CloseOnExec);
        if (descriptor < 0)
            throw Failure(folder);
        try
        {
            while (fsync(descriptor) != 0)
                if (Marshal.GetLastPInvokeError() != Interrupted)
                    throw Failure(folder);
        }
        finally
        {
            _ = close(descriptor);
        }
    }

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'", error);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int open(string path, int flags);

    [LibraryImport("libc", SetLastError = true)]
    private static partial int fsync(int descriptor);

    [LibraryImport("libc")]
    private static partial int close(int descriptor);
}
