using CoffreFort.Server.Hosting;

namespace CoffreFort.Server.Demo;

/// <summary>
/// Tells the demo's story to the journal before the first request is served: in demo mode only, and not when <c>demo:seed</c> is false;
/// <c>demo:story</c> set to false leaves it at the agencies and their clerks.
/// Each step may run again on a journal that already tells it, and then changes nothing; of nodes that start together one tells it after the other.
/// </summary>
public sealed class Seed(IConfiguration configuration, IServiceScopeFactory scopes, StartTurn turn) : IHostedService
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
        if (!DemoMode.IsOn(configuration) || !configuration.GetValue("demo:seed", true)) return;
        await using var alone = await turn.TakeAsync(cancellationToken);
        foreach (var step in configuration.GetValue("demo:story", true) ? [People, .. Story] : new[] { People })
        {
            await using var scope = scopes.CreateAsyncScope();
            await step(scope.ServiceProvider, cancellationToken);
        }
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>A refused step would leave a story with a hole: better no demo at all.</summary>
    public static Outcome Require(Outcome outcome) => outcome.Refusal is { } refusal
        ? throw new InvalidOperationException($"The demo's seed was refused: {refusal.Code}. Start with fresh data (scripts/run --fresh).")
        : outcome;

    private static T Run<T>(IServiceProvider services) => ActivatorUtilities.CreateInstance<T>(services);
}
