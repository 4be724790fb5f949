using System.Diagnostics;

namespace CoffreFort.IntegrationTests.Operations;

/// <summary><c>coffrefort fsck</c> as an operator runs it.</summary>
internal static class FsckCommand
{
    public static Task<(int ExitCode, string Output, string Complaints)> RunAsync(params string[] arguments) => OperatorAsync(["fsck", .. arguments]);

    /// <summary>Any other command that the server's program runs.</summary>
    public static async Task<(int ExitCode, string Output, string Complaints)> OperatorAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Repository.Built("CoffreFort.Cli", "coffrefort.dll"), .. arguments])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["COFFREFORT_SERVER"] = Repository.Built("CoffreFort.Server", "CoffreFort.Server.dll");
        using var process = Process.Start(start)!;
        var complaints = process.StandardError.ReadToEndAsync();
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, output, await complaints);
    }
}
