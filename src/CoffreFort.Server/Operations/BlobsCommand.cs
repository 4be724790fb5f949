using System.CommandLine;
using CoffreFort.Server.Edges.Blobs;
using Spectre.Console;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort blobs copy</c>: from the files of the data folder to the container in Azure that is set, or back.</summary>
public static class BlobsCommand
{
    private const string Files = "files";
    private const string Azure = "azure";

    private static readonly Argument<string> What = new("action") { Description = "copy" };

    private static readonly Option<string> To = new("--to") { Description = "Which store is copied to: azure (the container of Blobs:Azure) or files (those of the data folder); the other one is copied from", Required = true };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "blobs",
        "Copy all blobs from one store to the other (blobs copy --to azure|files), and read each back: length and hash. Changes nothing in the source; run again, it goes on. Ends with 0 when all are there, 1 when some are not, 2 when it couldn't.",
        [What, To],
        RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, IServiceProvider services, CancellationToken cancellation)
    {
        if (parsed.GetValue(What) != "copy") throw new OperatorException("There is one action: blobs copy --to azure|files.");
        var to = parsed.GetValue(To);
        if (to is not (Files or Azure)) throw new OperatorException($"--to takes azure or files, not '{to}'.");
        var azure = services.GetService<AzureBlobStore>()
            ?? throw new OperatorException("No container is set: Blobs__Azure__Container, in the environment or as --set (docs/operations.md, \"Blobs in Azure\").");
        var folder = Path.Combine(services.GetRequiredService<IConfiguration>()["data"]!, "blobs");
        // Only the target is made where there is none.
        var files = new FileBlobStore(folder, asItIs: to == Azure);
        if (to == Azure) await azure.OpenAsync(cancellation);
        var (source, target) = to == Azure ? ((IBlobStore)files, (IBlobStore)azure) : (azure, files);
        var result = await CopyAsync(source, target, cancellation);
        Console.WriteLine($"{result.Copied} blobs copied and read back ({result.CopiedBytes} bytes), {result.Compared} were there already and are the same, {result.Failed} are not there as they are in the source");
        return result.Failed == 0 ? OperatorExit.Done : OperatorExit.Found;
    }

    /// <summary>Progress is for a person, on stderr; where none watches there is none.</summary>
    private static async Task<BlobCopyResult> CopyAsync(IBlobStore source, IBlobStore target, CancellationToken cancellation)
    {
        var copy = new BlobCopy(source, target);
        if (Console.IsErrorRedirected) return await copy.RunAsync(_ => { }, (name, why) => Console.WriteLine(Line(name, why)), cancellation);
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true)
            .Columns(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new DownloadedColumn(), new TransferSpeedColumn(), new RemainingTimeColumn())
            .StartAsync(async context =>
            {
                var bar = context.AddTask("Counting", maxValue: double.MaxValue);
                bar.IsIndeterminate = true;
                var all = 0L;
                await foreach (var entry in source.ListAsync(cancellation)) all += entry.Length;
                (bar.MaxValue, bar.Description, bar.IsIndeterminate) = (Math.Max(1, all), "Copying", false);
                return await copy.RunAsync(bytes => bar.Increment(bytes), (name, why) => console.WriteLine(Line(name, why)), cancellation);
            });
    }

    private static string Line(BlobName name, string why) => $"blob {name}: {why}";
}
