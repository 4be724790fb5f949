using System.CommandLine;
using System.Globalization;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Keys;
using Spectre.Console;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort keys</c>: how epochs stand; ending those that are over; other keys for vaults.</summary>
public static class KeysCommand
{
    private static readonly Argument<string> what = new("action") { Description = "status or rotate" };
    private static readonly Option<string?> vault = new("--vault") { Description = "Give this vault (or all) a key of the next generation" };
    private static readonly Option<DateTimeOffset?> madeBefore = new("--made-before") { Description = "Only vault keys made before this instant: an interrupted run goes on with the instant at which it was begun" };
    private static readonly Option<string?> reason = new("--reason") { Description = "Why, with --vault; it stays in the journal for good, so no personal data" };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "keys",
        "Show how epochs of keys stand (keys status), end those whose month is over (keys rotate), or give vaults another key (keys rotate --vault ID|all). Interrupted, run it again. Ends with 0 when all is well, 1 when an epoch is late or something keeps it from ending, 2 when it couldn't.",
        [what, vault, madeBefore, reason],
        (parsed, services, cancellation) => parsed.GetValue(what) switch
        {
            "status" => StatusAsync(services, cancellation),
            "rotate" when parsed.GetValue(vault) is { } one => VaultsAsync(one, parsed, services, cancellation),
            "rotate" => EpochsAsync(services, cancellation),
            _ => throw new OperatorException("There are two actions: keys status, keys rotate."),
        });

    private static async Task<int> StatusAsync(IServiceProvider services, CancellationToken cancellation)
    {
        var status = await KeyStatus.ReadAsync(services.GetRequiredService<KeyDatabase>(), cancellation);
        var now = services.GetRequiredService<EpochKeys>().Now;
        foreach (var epoch in status.Live)
        {
            var state = epoch.Epoch < EpochEnd.Current(now) ? "over" : "live";
            Console.WriteLine(FormattableString.Invariant($"epoch {epoch.Epoch}: {state}, {epoch.VaultKeys} vault keys, {epoch.Spent} to be replaced at its end {EpochEnd.EndOf(epoch.Epoch):yyyy-MM-dd}, below {epoch.RootKeyId}"));
        }

        foreach (var epoch in status.Ended)
            Console.WriteLine(FormattableString.Invariant($"epoch {epoch.Epoch}: ended {epoch.Ended:u}, {(epoch.GoneAfter is { } gone ? $"its root key is gone for good since or after {gone:u}" : "its root key is not destroyed yet")}"));
        var late = status.Late(now, TimeSpan.FromDays(2)).ToList();
        if (late.Count > 0) Console.WriteLine($"late: {string.Join(", ", late)}");
        return late.Count > 0 ? OperatorExit.Found : OperatorExit.Done;
    }

    private static Task<int> EpochsAsync(IServiceProvider services, CancellationToken cancellation) => WatchedAsync(async report =>
    {
        try
        {
            var ended = await services.GetRequiredService<KeyClock>().RunAsync(
                Actor.CommandLine(), new Told(step => report($"Epoch {step.Epoch}: {step.Step}", step.Done, step.Of)), cancellation);
            Console.WriteLine(ended switch
            {
                null => "a server is at it: nothing to do here",
                [] => "no epoch is over",
                _ when services.GetRequiredService<EpochEndSettings>() is { DestroyAfter: { Ticks: > 0 } later } => $"ended: {string.Join(", ", ended)}; the root key of each goes {later:c} after it ended",
                _ => $"ended: {string.Join(", ", ended)}; their root keys are destroyed",
            });
            return OperatorExit.Done;
        }
        catch (RotationHalted halted)
        {
            Console.WriteLine($"not ended: {halted.Message}");
            return OperatorExit.Found;
        }
    });

    private static Task<int> VaultsAsync(string which, ParseResult parsed, IServiceProvider services, CancellationToken cancellation)
    {
        var one = Guid.TryParse(which, out var id) ? id : which == "all" ? (Guid?)null : throw new OperatorException($"--vault takes a vault's id or 'all', not '{which}'.");
        if (DecideOnPoison.Clean(parsed.GetValue(reason)) is not { } why) throw new OperatorException("Say why: --reason '…'.");
        var before = parsed.GetValue(madeBefore) ?? DateTimeOffset.UtcNow;
        Console.Error.WriteLine($"If this is interrupted, go on with --made-before {before.UtcDateTime.ToString("O", CultureInfo.InvariantCulture)}");
        return WatchedAsync(async report =>
        {
            var rotated = await services.GetRequiredService<VaultRotation>().RunAsync(one, before, why, Actor.CommandLine(), (done, of) => report("Vaults", done, of), cancellation);
            Console.WriteLine($"{rotated} vaults have another key");
            return rotated == 0 && one is not null ? OperatorExit.Found : OperatorExit.Done;
        });
    }

    /// <summary>Progress is for a person, on stderr; where none watches there is none.</summary>
    private static async Task<int> WatchedAsync(Func<Action<string, long, long>, Task<int>> work)
    {
        if (Console.IsErrorRedirected) return await work((_, _, _) => { });
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true).StartAsync(async context =>
        {
            var bars = new Dictionary<string, ProgressTask>();
            return await work((name, done, of) =>
            {
                if (!bars.TryGetValue(name, out var bar)) bars[name] = bar = context.AddTask(name);
                (bar.MaxValue, bar.Value) = (Math.Max(1, of), done);
            });
        });
    }

    /// <summary>Told at once: <see cref="Progress{T}"/> would tell some of it after the end.</summary>
    private sealed class Told(Action<RotationProgress> tell) : IProgress<RotationProgress>
    {
        public void Report(RotationProgress value) => tell(value);
    }
}
