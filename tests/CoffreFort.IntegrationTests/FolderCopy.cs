using System.Diagnostics;

namespace CoffreFort.IntegrationTests;

internal static class FolderCopy
{
    /// <summary>With its modes: a keyring that others could read is refused.</summary>
    /// <param name="from">The folder.</param>
    /// <param name="to">What its copy is called; there is none yet.</param>
    public static async Task MakeAsync(string from, string to)
    {
        using var copy = Process.Start("cp", ["-a", from, to]);
        await copy.WaitForExitAsync();
        Assert.Equal(0, copy.ExitCode);
    }
}
