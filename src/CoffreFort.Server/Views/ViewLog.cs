using CoffreFort.EventStore;

namespace CoffreFort.Server.Views;

/// <summary>What the server's log says when a view stops, and when it goes on: which, where, why, and what to do. Nothing of what an event says.</summary>
public sealed class ViewLog(ILogger<ViewLog> log)
{
    public void Tell(string view, SubscriptionStoppage? stoppage)
    {
        switch (stoppage)
        {
            case null:
                log.LogInformation("The view {View} goes on", view);
                break;
            case { Position: { } position }:
                log.LogError(
                    "The view {View} stands still before event {Position} ({EventType}); everything else goes on. {Reason} It tries again by itself once the cause is mended; to decide: /status, or coffrefort retry (or skip) VIEW POSITION --reason '…'",
                    view, position, stoppage.EventType, stoppage.Reason);
                break;
            default:
                log.LogError("The view {View} does not run on this node: {Reason} It tries again by itself", view, stoppage.Reason);
                break;
        }
    }
}
