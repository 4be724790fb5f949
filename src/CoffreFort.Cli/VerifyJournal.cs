using System.CommandLine;
using CoffreFort.EventStore;
using Npgsql;
using Spectre.Console;

namespace CoffreFort.Cli;

/// <summary><c>coffrefort verify-journal</c>: recomputes the whole journal from its stored bytes and names whatever is damaged.</summary>
internal static class VerifyJournal
{
    private const int Damaged = 1;
    private const int Unavailable = 2;

    public static Command Command()
    {
        var connection = new Option<string>("--connection")
        {
            Description = "The journal's database, as an Npgsql connection string; ConnectionStrings__Journal when left out",
            DefaultValueFactory = _ => Environment.GetEnvironmentVariable("ConnectionStrings__Journal") ?? "",
        };
        var command = new Command(
            "verify-journal",
            "Recompute every leaf, the root, and every stream from the stored bytes. Ends with 0 when all holds, 1 when something is damaged, 2 when the journal can't be read.")
        {
            connection,
        };
        command.SetAction((parsed, cancellation) => RunAsync(parsed.GetValue(connection)!, cancellation));
        return command;
    }

    private static async Task<int> RunAsync(string connection, CancellationToken cancellation)
    {
        // Progress and complaints are for a person; what was verified is for whoever reads the output.
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        if (connection.Length == 0) return Complain("Name the journal's database: --connection 'Host=…;Database=coffrefort;Username=…'.");
        try
        {
            await using var database = NpgsqlDataSource.Create(connection);
            var verdict = await console.Progress().AutoClear(true).StartAsync(context =>
            {
                var task = context.AddTask("Verifying the journal");
                return JournalVerification.RunAsync(database, new Bar(task), cancellation);
            });
            return Tell(verdict);
        }
        catch (Exception failure) when (failure is JournalUnavailableException or PostgresException or ArgumentException)
        {
            return Complain($"The journal can't be read: {failure.Message}");
        }
    }

    private static int Tell(JournalVerdict verdict)
    {
        foreach (var damage in verdict.Damages) Console.WriteLine($"damaged: {damage.Code}: {damage.Message}");
        if (verdict.DamageCount > verdict.Damages.Count) Console.WriteLine($"damaged: and {verdict.DamageCount - verdict.Damages.Count} more");
        Console.WriteLine($"size {verdict.Size}");
        Console.WriteLine($"root {Convert.ToBase64String(verdict.Root.Span)}");
        Console.WriteLine(verdict.Holds ? "holds" : $"does not hold: {verdict.DamageCount} damaged");
        return verdict.Holds ? 0 : Damaged;
    }

    private static int Complain(string message)
    {
        Console.Error.WriteLine($"coffrefort verify-journal: {message}");
        return Unavailable;
    }

    private sealed class Bar(ProgressTask task) : IProgress<(long Done, long Size)>
    {
        public void Report((long Done, long Size) value)
        {
            task.MaxValue = Math.Max(1, value.Size);
            task.Value = value.Done;
        }
    }
}
