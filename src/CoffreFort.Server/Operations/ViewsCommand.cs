using CoffreFort.EventStore;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort views</c>: how each subscription stands, over all nodes.</summary>
public static class ViewsCommand
{
    public static OperatorCommand Command { get; } = new OperatorCommand(
        "views",
        "List what follows the journal: where each stands, how far behind, which node runs it, and at which event it stands still. Ends with 1 when one stands still.",
        [],
        async (_, services, cancellation) =>
        {
            var states = await services.GetRequiredService<Subscriptions>().StatesAsync(cancellation);
            foreach (var state in states) Console.WriteLine(Line(state));
            return states.Any(state => state.Stop is not null) ? OperatorExit.Found : OperatorExit.Done;
        });

    private static string Line(SubscriptionState state)
    {
        var line = $"{state.Name}: version {state.Version}, position {state.Position}, {state.Lag} behind, {(state.Node is { } node ? $"on {node}" : "runs nowhere")}";
        if (state.Rebuild is { } rebuild) line += $"; version {rebuild.Version} {(rebuild.Node is null ? "interrupted" : "being rebuilt")} at {rebuild.Position}";
        return state.Stop is { } stop ? $"{line}; stands since {stop.Since:u}: {stop.Error}" : line;
    }
}
