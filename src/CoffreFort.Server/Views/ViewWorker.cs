using CoffreFort.EventStore;

namespace CoffreFort.Server.Views;

/// <summary>Runs all subscriptions of this node while the application runs.</summary>
public sealed class ViewWorker(Subscriptions subscriptions) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => subscriptions.RunAsync(stoppingToken);
}
