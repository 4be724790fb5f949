using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Server.Features.Operations;

/// <summary>
/// An operator decides about the event at which a subscription stands: it is tried again, or passed over. Both name the event and a reason, and stand in
/// the journal before they take effect. Only that event can be skipped, and only while the subscription stands there.
/// </summary>
public sealed record DecideOnPoison(string Subscription, long Position, string? Reason, bool Skip)
{
    public const int LongestReason = 500;

    public static Decision Decide(SubscriptionStop? stop, DecideOnPoison command)
    {
        if (Clean(command.Reason) is not { } reason) return ReasonNeeded;
        if (stop?.Position != command.Position) return NotThere with { Arguments = [command.Subscription, command.Position] };
        return command.Skip
            ? Decision.Of(new PoisonEventSkipped(command.Subscription, command.Position, stop.EventType, reason))
            : Decision.Of(new PoisonEventRetried(command.Subscription, command.Position, reason));
    }

    /// <returns>A refusal, or null when it is decided.</returns>
    public static async Task<Refusal?> Handle(DecideOnPoison command, Actor actor, Journal journal, Subscriptions subscriptions, CancellationToken cancellation)
    {
        var stop = (await subscriptions.StatesAsync(cancellation)).FirstOrDefault(state => state.Name == command.Subscription)?.Stop;
        var decision = Decide(stop, command);
        if (decision.Refusal is { } refusal) return refusal;
        if (command.Skip)
        {
            var stood = await subscriptions.SkipAsync(command.Subscription, command.Position, _ => actor.RecordAsync(journal, decision.Events[0]), cancellation);
            return stood ? null : NotThere with { Arguments = [command.Subscription, command.Position] };
        }

        await actor.RecordAsync(journal, decision.Events[0]);
        await subscriptions.RetryAsync(command.Subscription, cancellation);
        return null;
    }

    /// <summary>On one line, without what can't be seen; null when nothing is left, or too much.</summary>
    internal static string? Clean(string? reason) => FileNames.CleanTitle(reason ?? "") is { Length: > 0 and <= LongestReason } clean ? clean : null;

    internal static Refusal ReasonNeeded { get; } = new("reason-needed", "Dites pourquoi, en 500 caractères au plus : le motif reste au journal.", 422);

    private static Refusal NotThere { get; } = new("poison-moved", "Rien n'a été décidé : « {0} » n'est pas arrêté à l'événement {1}. Il a repris, ou il est arrêté ailleurs.");
}
