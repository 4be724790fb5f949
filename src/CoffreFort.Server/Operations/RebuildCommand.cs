using System.CommandLine;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using Spectre.Console;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort rebuild</c>: builds views anew beside the live ones, while everything goes on or nothing runs, and puts them in their place.</summary>
public static class RebuildCommand
{
    private static readonly Argument<string?> view = new("view") { Description = "Its name, as on the operator's page", Arity = ArgumentArity.ZeroOrOne };
    private static readonly Option<bool> all = new("--all") { Description = "All views, one after the other" };
    private static readonly Option<bool> resume = new("--resume") { Description = "Go on with what an interrupted rebuild left, instead of beginning again" };
    private static readonly Option<bool> retrySkipped = new("--retry-skipped") { Description = "Try events again that were skipped by decision" };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "rebuild",
        "Build a view's tables anew from the journal beside the live ones, and put them in their place; reads and writes go on. Ends with 0 when done, 1 when an event can't be applied or somebody else rebuilds it.",
        [view, all, resume, retrySkipped],
        RunAsync);

    private static async Task<int> RunAsync(ParseResult parsed, IServiceProvider services, CancellationToken cancellation)
    {
        var subscriptions = services.GetRequiredService<Subscriptions>();
        var named = parsed.GetValue(view);
        if (named is null == !parsed.GetValue(all)) throw new OperatorException("name one view, or say --all.");
        if (named is not null && !subscriptions.Rebuildable.Contains(named))
            throw new OperatorException($"there is no view '{named}'; there are: {string.Join(", ", subscriptions.Rebuildable)}.");
        var how = new RebuildOptions { Resume = parsed.GetValue(resume), RetrySkipped = parsed.GetValue(retrySkipped) };
        var console = AnsiConsole.Create(new AnsiConsoleSettings { Out = new AnsiConsoleOutput(Console.Error) });
        return await console.Progress().AutoClear(true).StartAsync(async context =>
        {
            var exit = OperatorExit.Done;
            foreach (var one in named is null ? subscriptions.Rebuildable : [named])
            {
                var bar = new Bar(context.AddTask($"Rebuilding {one}"));
                exit = Math.Max(exit, await RebuildAsync(one, how with { Progress = bar }, services, cancellation));
            }

            return exit;
        });
    }

    private static async Task<int> RebuildAsync(string one, RebuildOptions how, IServiceProvider services, CancellationToken cancellation)
    {
        try
        {
            var result = await RebuildView.Handle(
                one, how, Actor.CommandLine(), services.GetRequiredService<Journal>(), services.GetRequiredService<Subscriptions>(), cancellation);
            Console.WriteLine($"{one}: rebuilt to position {result.Position}, {result.Events} events applied, {result.Skipped} skipped, {result.Took.TotalSeconds:F1} s");
            return OperatorExit.Done;
        }
        catch (Exception stopped) when (stopped is PoisonEventException or RebuildRunningException)
        {
            Console.WriteLine($"{one}: not rebuilt, the old tables stay: {stopped.Message}");
            return OperatorExit.Found;
        }
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
