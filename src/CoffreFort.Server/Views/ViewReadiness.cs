using CoffreFort.EventStore;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Views;

/// <summary>Whether each subscription moves: none stands at an event, and none is behind without moving while somebody should move it.</summary>
public sealed class ViewReadiness(Subscriptions subscriptions) : IReadinessPart
{
    /// <summary>So long may one be behind and not move: longer than another node takes to take over.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    /// <summary>This node can't run it: another version is live or being built, its tables can't be made.</summary>
    public const string HeldUp = "subscription-held-up";

    public string Name => "views";

    public async Task<ReadinessReport> LookAsync(CancellationToken cancellation)
    {
        IReadOnlyList<SubscriptionState> states;
        try
        {
            states = await subscriptions.StatesAsync(cancellation);
        }
        catch (JournalUnavailableException)
        {
            // That the database doesn't answer, the journal's part says.
            return new ReadinessReport(subscriptions.Statuses.Select(here => new { here.Name, here.Position, here.StoppedBy }), []);
        }

        // What stops one on this node alone: another version, tables that can't be made.
        var here = subscriptions.Statuses.Where(status => status.StoppedBy is not null).ToDictionary(status => status.Name, status => status.StoppedBy!);
        var problems = states.Select(state => Problem(state, here.GetValueOrDefault(state.Name))).OfType<ReadinessProblem>().ToList();
        problems.AddRange(here.Where(one => states.All(state => state.Name != one.Key)).Select(one => new ReadinessProblem(HeldUp, one.Key, one.Value)));
        return new ReadinessReport(states.Select(state => Line(state, here.GetValueOrDefault(state.Name))), problems);
    }

    /// <param name="state">How it stands over all nodes.</param>
    /// <param name="here">What stops it on this node, or null.</param>
    public static ReadinessProblem? Problem(SubscriptionState state, string? here = null)
    {
        if (state.Stop is { } stop) return new ReadinessProblem("subscription-stopped", state.Name, stop.Error, stop.Since, Blocks: !stop.WhileRebuilding);
        if (here is not null) return new ReadinessProblem(HeldUp, state.Name, here);
        return state is { Lag: > 0 } && state.LagTime > Patience && state.StillFor > Patience
            ? new ReadinessProblem("behind-and-not-moving", state.Name, $"It is {state.Lag} events behind and has not moved for {state.StillFor.TotalSeconds:F0} s; {(state.Node is null ? "no node runs it" : $"{state.Node} runs it")}.")
            : null;
    }

    private static object Line(SubscriptionState state, string? here) => new
    {
        name = state.Name, position = state.Position, lag = state.Lag, lagSeconds = Math.Round(state.LagTime.TotalSeconds, 3), node = state.Node, version = state.Version,
        stoppedBy = state.Stop?.Error ?? here, rebuild = state.Rebuild,
    };
}
