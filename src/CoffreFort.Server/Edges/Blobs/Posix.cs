using System.Runtime.InteropServices;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>
/// The system calls that durable files need and .NET lacks. A failure is an <see cref="IOException"/> whose HResult is
/// the errno, as .NET's own file errors are on Unix.
/// </summary>
internal static partial class Posix
{
    public const int NoEntry = 2;
    public const int Exists = 17;
    public const int NoSpace = 28;

    /// <summary>EDQUOT, which Linux and the BSDs number differently.</summary>
    public static readonly int QuotaExceeded = OperatingSystem.IsLinux() ? 122 : 69;

    /// <summary>
    /// Gives a file a second name, atomically, and false when that name is taken. (File.Move without overwriting looks
    /// first and renames afterwards, so of two racing writers the later would replace the earlier.)
    /// </summary>
    public static bool Link(string existing, string name)
    {
        if (link(existing, name) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == Exists ? false : throw Failure(name);
    }

    /// <summary>Removes a name, and tells whether it was there.</summary>
    public static bool Unlink(string name)
    {
        if (unlink(name) == 0)
            return true;
        return Marshal.GetLastPInvokeError() == NoEntry ? false : throw Failure(name);
    }

    private static IOException Failure(string path)
    {
        var error = Marshal.GetLastPInvokeError();
        return new IOException($"{Marshal.GetPInvokeErrorMessage(error)}: '{path}'", error);
    }

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int link(string existing, string name);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int unlink(string name);
}
