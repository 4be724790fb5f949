using CoffreFort.EventStore;
using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Demo;

/// <summary>
/// Tells the demo's story to the journal before the first request is served: in demo mode only, and not when <c>demo:seed</c> is false;
/// <c>demo:story</c> set to false leaves it at the agencies and their clerks.
/// Each step may run again on a journal that already tells it, and then changes nothing; of nodes that start together one tells it after the other.
/// While a view stands still nothing is told: the server starts without, so that the operator can decide about the view.
/// </summary>
public sealed class Seed(IConfiguration configuration, IServiceScopeFactory scopes, StartTurn turn, Subscriptions subscriptions, ILogger<Seed> log) : IHostedService
{
    /// <summary>In the story's order.</summary>
    private static readonly Func<IServiceProvider, CancellationToken, Task> People =
        (services, cancellation) => Run<SeedAgencies>(services).RunAsync(cancellation);

    private static readonly Func<IServiceProvider, CancellationToken, Task>[] Story =
    [
        (services, cancellation) => Run<SeedVaults>(services).RunAsync(cancellation),
        (services, cancellation) => Run<SeedSharing>(services).RunAsync(cancellation),
    ];

    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!DemoMode.IsOn(configuration) || !configuration.Read("demo:seed", true)) return;
        await using var alone = await turn.TakeAsync(cancellationToken);
        if (await IsHeldUpAsync(cancellationToken)) return;
        try
        {
            foreach (var step in configuration.Read("demo:story", true) ? [People, .. Story] : new[] { People })
            {
                await using var scope = scopes.CreateAsyncScope();
                await step(scope.ServiceProvider, cancellationToken);
            }
        }
        catch (Exception failure) when (failure is JournalUnavailableException or InvalidOperationException)
        {
            // The story waits for views: one that stopped while it was told is no reason to take away the page where one decides about it.
            if (!await IsHeldUpAsync(cancellationToken)) throw;
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A refused step would leave a story with a hole: better no demo at all.</summary>
    public static Outcome Require(Outcome outcome) => outcome.Refusal is { } refusal
        ? throw new SettingsException($"The demo's seed was refused: {refusal.Code}. Start with fresh data (scripts/run --fresh).")
        : outcome;

    private async Task<bool> IsHeldUpAsync(CancellationToken cancellation)
    {
        var stopped = (await subscriptions.StatesAsync(cancellation)).Where(state => state.Stop is { WhileRebuilding: false }).Select(state => state.Name).ToList();
        if (stopped.Count > 0) log.LogWarning("The demo's story is not told, or not to its end, while a view stands still: {Views}. The next start goes on with it", string.Join(", ", stopped));
        return stopped.Count > 0;
    }

    private static T Run<T>(IServiceProvider services) => ActivatorUtilities.CreateInstance<T>(services);
}
