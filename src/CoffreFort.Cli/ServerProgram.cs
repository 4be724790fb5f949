using System.CommandLine;
using System.ComponentModel;
using System.Diagnostics;
using System.Runtime.InteropServices;

namespace CoffreFort.Cli;

/// <summary>
/// The commands that need to know of vaults, views, blobs and keys: the server's program runs them, with this terminal, this environment and
/// these arguments.
/// </summary>
public static class ServerProgram
{
    private const string Option = "--server";
    private const int Unable = 2;
    private const int Terminate = 15;

    /// <summary>Each with its summary, as the server's program has them.</summary>
    public static IReadOnlyDictionary<string, string> Commands { get; } = new Dictionary<string, string>
    {
        ["fsck"] = "Check everything that is stored against what it must be, and name what is damaged. Ends with 0 when all holds, 1 when something is damaged, 2 when it couldn't look.",
        ["accept-restored-journal"] = "Go on with a journal that is older or other than what was published, and record why. Begins another log. Ends with 0 when it went on, 1 when there is nothing to accept, 2 when it couldn't.",
        ["log-keys"] = "Print the verifier keys of the log, the present one first, then those of the logs that it continues: what a witness's --log takes. Ends with 1 when there is none yet.",
        ["views"] = "List what follows the journal: where each stands, how far behind, which node runs it, and at which event it stands still. Ends with 1 when one stands still.",
        ["rebuild"] = "Build a view's tables anew from the journal beside the live ones, and put them in their place; reads and writes go on. Ends with 0 when done, 1 when an event can't be applied or somebody else rebuilds it.",
        ["retry"] = "Have a subscription try the event again at which it stands. Ends with 1 when it doesn't stand there.",
        ["skip"] = "Decide that a subscription passes over the event at which it stands, for good. Ends with 1 when it doesn't stand there.",
        ["resend"] = "Have a message sent again that was given up. Ends with 1 when there is no such message.",
        ["blobs"] = "Copy all blobs from one store to the other (blobs copy --to azure|files), and read each back: length and hash. Changes nothing in the source; run again, it goes on. Ends with 0 when all are there, 1 when some are not, 2 when it couldn't.",
        ["seal"] = "Show the certificates of the seal, print a request for an authority (PKCS#10), or install what it issued: seal show, seal request, seal install FILE. Ends with 1 when a certificate is refused.",
        ["keys"] = "Show how epochs of keys stand (keys status), end those whose month is over (keys rotate), or give vaults another key (keys rotate --vault ID|all). Interrupted, run it again. Ends with 0 when all is well, 1 when an epoch is late or something keeps it from ending, 2 when it couldn't.",
    };

    internal static bool Runs(string[] args) => args.Length > 0 && Commands.ContainsKey(args[0]);

    /// <summary>For the help only: <see cref="RunAsync"/> is called before anything is parsed.</summary>
    internal static IEnumerable<Command> Listed() => Commands.Select(command => new Command(command.Key, command.Value));

    /// <returns>The exit code of the server's program; 2 if it couldn't be run.</returns>
    internal static async Task<int> RunAsync(string[] args)
    {
        var at = Array.IndexOf(args, Option);
        var path = at >= 0 && at + 1 < args.Length ? args[at + 1] : Environment.GetEnvironmentVariable("COFFREFORT_SERVER");
        if (string.IsNullOrEmpty(path)) path = Path.Combine(AppContext.BaseDirectory, "CoffreFort.Server.dll");
        if (!File.Exists(path)) return Complain($"the server's program is not at {path}; name it with {Option} PATH or COFFREFORT_SERVER.");
        string[] passed = at >= 0 ? [.. args[..at], .. args.Skip(at + 2)] : args;
        try
        {
            using var server = path.EndsWith(".dll", StringComparison.OrdinalIgnoreCase)
                ? Process.Start(new ProcessStartInfo(Environment.GetEnvironmentVariable("DOTNET_HOST_PATH") ?? "dotnet", [path, .. passed]))!
                : Process.Start(new ProcessStartInfo(path, passed))!;
            return await WaitAsync(server);
        }
        catch (Win32Exception failure)
        {
            return Complain($"{path} can't be run: {failure.Message}");
        }
    }

    /// <summary>Its end is ours: Ctrl-C reaches it from the terminal, other requests to end are handed on.</summary>
    private static async Task<int> WaitAsync(Process server)
    {
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => context.Cancel = true);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context =>
        {
            context.Cancel = true;
            _ = Signal(server.Id, Terminate);
        });
        await server.WaitForExitAsync();
        return server.ExitCode;
    }

    private static int Complain(string message)
    {
        Console.Error.WriteLine($"coffrefort: {message}");
        return Unable;
    }

    [DllImport("libc", EntryPoint = "kill")]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int Signal(int process, int signal);
}
