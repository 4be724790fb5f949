using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Outbox;

namespace CoffreFort.Server.Features.Operations;

/// <summary>An operator has a message sent again that was given up, under the same id; the journal keeps who and why.</summary>
public static class ResendMessage
{
    /// <returns>A refusal, or null when it will be sent.</returns>
    public static async Task<Refusal?> Handle(Guid message, string? reason, Actor actor, Journal journal, MessageOutbox outbox, CancellationToken cancellation)
    {
        if (DecideOnPoison.Clean(reason) is not { } stated) return DecideOnPoison.ReasonNeeded;
        var given = await outbox.ResendAsync(
            message, destination => actor.RecordAsync(journal, new DeadMessageResent(message, destination, stated)), cancellation);
        return given ? null : Refusal.NotFound;
    }
}
