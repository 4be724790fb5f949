using System.CommandLine;
using System.Net;
using CoffreFort.Transparency;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Console;

namespace CoffreFort.Cli.Witness;

/// <summary><c>coffrefort witness</c>: follows logs, and cosigns their checkpoints as long as each continues the last one.</summary>
internal static class WitnessCommand
{
    private const int Refused = 2;

    public static Command Command()
    {
        var data = new Option<string>("--data") { Description = "The witness's own folder: key, states, evidence. Never the server's", Required = true, Recursive = true };
        var name = new Option<string?>("--name") { Description = "Its name in signatures, such as witness.example/w1, when the key is made (MACHINE/witness)", Recursive = true };
        var listen = new Option<string>("--listen") { Description = "Address and port, such as 127.0.0.1:5090", DefaultValueFactory = _ => "127.0.0.1:5090" };
        var logs = new Option<string[]>("--log") { Description = "The verifier key of a log to follow; again for more logs, or for another key of the same one", DefaultValueFactory = _ => [] };
        var key = new Command("key", "Print the witness's verifier key, which whoever relies on it needs; it is made at the first use.") { };
        key.SetAction((parsed, cancellation) => TellAsync(() => PrintKeyAsync(parsed.GetValue(data)!, parsed.GetValue(name), cancellation)));
        var command = new Command(
            "witness",
            "Cosign a log's checkpoints as long as each continues the last (c2sp.org/tlog-witness). Run it on another machine, under another administrator, than the log. Ends with 2 when it does not start.")
        {
            data, name, listen, logs, key,
        };
        command.SetAction((parsed, cancellation) => TellAsync(() =>
            RunAsync(parsed.GetValue(data)!, parsed.GetValue(name), parsed.GetValue(listen)!, parsed.GetValue(logs)!, cancellation)));
        return command;
    }

    private static async Task<int> TellAsync(Func<Task> run)
    {
        try
        {
            await run();
            return 0;
        }
        catch (Exception failure) when (failure is WitnessRefusal or OpenSslFailure or IOException or UnauthorizedAccessException or FormatException)
        {
            await Console.Error.WriteLineAsync($"coffrefort witness: {failure.Message}");
            return Refused;
        }
    }

    private static async Task PrintKeyAsync(string data, string? name, CancellationToken cancellation)
    {
        var verifier = WitnessKey.ReadVerifier(data);
        if (verifier is null)
        {
            using var folder = WitnessFolder.Open(data);
            verifier = (await WitnessKey.OpenAsync(folder, name, cancellation)).Verifier;
        }

        Console.WriteLine(verifier);
    }

    private static async Task RunAsync(string data, string? name, string listen, string[] logKeys, CancellationToken cancellation)
    {
        if (!IPEndPoint.TryParse(listen, out var address) || address.Port == 0 && !listen.EndsWith(":0", StringComparison.Ordinal))
            throw new WitnessRefusal($"--listen takes an address and a port, such as 127.0.0.1:5090, not '{listen}'.");
        var keys = logKeys.Select(LogKey).ToLookup(key => key.Name);
        if (keys.Count == 0) throw new WitnessRefusal("Name the log to follow: --log and its verifier key.");

        using var folder = WitnessFolder.Open(data);
        var key = await WitnessKey.OpenAsync(folder, name, cancellation);
        var logs = new Dictionary<string, WitnessedLog>();
        await using var app = WitnessServer.Build(address, key.Verifier, logs, Log);
        var logger = app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("witness");
        foreach (var log in keys) logs.Add(log.Key, await WitnessedLog.OpenAsync([.. log], key, folder, TimeProvider.System, logger, cancellation));
        await app.StartAsync(cancellation);
        Console.WriteLine(key.Verifier);
        Console.WriteLine($"Listening on {app.Urls.First()}, following {string.Join(", ", logs.Keys)}");
        await app.WaitForShutdownAsync(cancellation);
    }

    private static NoteVerifierKey LogKey(string text) => NoteVerifierKey.TryParse(text, out var key, out var fault) && key.Type == EcdsaNote.Type
        ? key
        : throw new WitnessRefusal($"--log {text}: {fault ?? "this is a witness's key, not a log's."}");

    private static void Log(ILoggingBuilder logging) => logging
        .AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat, console.UseUtcTimestamp) = (true, "yyyy-MM-ddTHH:mm:ssZ ", true))
        .SetMinimumLevel(LogLevel.Warning)
        .Services.Configure<ConsoleLoggerOptions>(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
}
