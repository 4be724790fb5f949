using System.CommandLine;
using CoffreFort.Cryptography;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Edges.KeyVault;

namespace CoffreFort.Server.Operations;

/// <summary>All commands for operators, and running the one that the program's first argument names.</summary>
public static class OperatorCommands
{
    public static IReadOnlyList<OperatorCommand> All { get; } =
    [
        Fsck.Command,
        AcceptRestoredJournal.Command,
        LogKeysCommand.Command,
        ViewsCommand.Command,
        RebuildCommand.Command,
        PoisonCommands.Retry,
        PoisonCommands.Skip,
        ResendCommand.Command,
        BlobsCommand.Command,
        SealCommand.Command,
        KeysCommand.Command,
    ];

    /// <summary>Whether the program was called to run one of them, and not to serve.</summary>
    public static bool Name(string[] args) => args.Length > 0 && All.Any(command => command.Name == args[0]);

    /// <summary>Runs the command that the first argument names.</summary>
    /// <returns>The program's exit code.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        var root = new RootCommand("CoffreFort's commands for operators.");
        foreach (var command in All) root.Subcommands.Add(Parsed(command));
        var parsed = root.Parse(args);
        var exit = await parsed.InvokeAsync();
        return parsed.Errors.Count > 0 ? OperatorExit.Unable : exit;
    }

    /// <summary>A command finds the data as it is: it makes no new keyring, and tidies nothing up.</summary>
    private static void LookOnly(IServiceCollection services)
    {
        services.AddSingleton(provider => new FileBlobStore(Path.Combine(Data(provider), "blobs"), asItIs: true));
        services.AddSingleton(provider => Path.Combine(Data(provider), "keyring") is var keyring && File.Exists(Path.Combine(keyring, "root.p12"))
            ? FileKeyring.OpenOrCreate(keyring)
            : throw new RootKeyRefused($"There is no root key in {keyring}."));
        // A vault is asked only when it is used.
        if (services.All(service => service.ServiceType != typeof(KeyVaultRootKey)))
            services.AddSingleton<IRootKey>(provider => new RootKeyWhenUsed(provider.GetRequiredService<FileKeyring>));

        static string Data(IServiceProvider provider) => provider.GetRequiredService<IConfiguration>()["data"]!;
    }

    private static Command Parsed(OperatorCommand command)
    {
        var parsed = new Command(command.Name, command.Summary) { OperatorSettings.Data, OperatorSettings.Set };
        foreach (var parameter in command.Parameters)
        {
            if (parameter is Argument argument) parsed.Add(argument);
            else parsed.Add((Option)parameter);
        }

        parsed.SetAction((result, cancellation) => RunAsync(command, result, cancellation));
        return parsed;
    }

    private static async Task<int> RunAsync(OperatorCommand command, ParseResult parsed, CancellationToken cancellation)
    {
        try
        {
            await using var application = Program.Build(OperatorSettings.For(parsed), LookOnly);
            await using var scope = application.Services.CreateAsyncScope();
            return await command.RunAsync(parsed, scope.ServiceProvider, cancellation);
        }
#pragma warning disable CA1031 // Whatever it was, the operator reads one line and a script reads an exit code that does not say "damaged".
        catch (Exception failure)
        {
            var reason = failure is OperationCanceledException && cancellation.IsCancellationRequested ? "stopped before its end" : Words.Of(failure);
            await Console.Error.WriteLineAsync($"coffrefort {command.Name}: {reason}");
            return OperatorExit.Unable;
        }
#pragma warning restore CA1031
    }
}
