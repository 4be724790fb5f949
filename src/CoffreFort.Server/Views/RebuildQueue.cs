using System.Threading.Channels;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;

namespace CoffreFort.Server.Views;

/// <summary>Rebuilds that were asked for on the operator's page: this node does them one after the other, and each can be followed there.</summary>
public sealed class RebuildQueue(Journal journal, Subscriptions subscriptions, ILogger<RebuildQueue> log) : BackgroundService
{
    private readonly Channel<(string View, RebuildOptions How, Actor Actor)> _waiting = System.Threading.Channels.Channel.CreateBounded<(string, RebuildOptions, Actor)>(100);

    /// <returns>False when too many wait already.</returns>
    public bool Add(string view, RebuildOptions how, Actor actor) => _waiting.Writer.TryWrite((view, how, actor));

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var (view, how, actor) in _waiting.Reader.ReadAllAsync(stoppingToken))
        {
            try
            {
                await RebuildView.Handle(view, how, actor, journal, subscriptions, stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (PoisonEventException poison)
            {
                // Its cause may quote what the event says.
                log.LogError("The view {View} could not be rebuilt, and the old one goes on: {Reason}", view, poison.Message);
            }
#pragma warning disable CA1031 // The page says where it stands; the next one may go better.
            catch (Exception failure)
            {
                log.LogWarning(failure, "The view {View} could not be rebuilt", view);
            }
#pragma warning restore CA1031
        }
    }
}
