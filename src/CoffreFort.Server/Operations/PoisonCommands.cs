using System.CommandLine;
using CoffreFort.EventStore;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort retry</c> and <c>coffrefort skip</c>: the decision about the event at which a subscription stands.</summary>
public static class PoisonCommands
{
    private static readonly Argument<string> name = new("subscription") { Description = "Its name, as 'coffrefort views' lists it" };
    private static readonly Argument<long> position = new("position") { Description = "The event at which it stands" };

    public static Option<string> Reason { get; } = new("--reason") { Description = "Why; it stays in the journal for good, so no personal data", Required = true };

    public static OperatorCommand Retry { get; } = new OperatorCommand(
        "retry", "Have a subscription try the event again at which it stands. Ends with 1 when it doesn't stand there.", [name, position, Reason],
        (parsed, services, cancellation) => DecideAsync(parsed, services, skip: false, cancellation));

    public static OperatorCommand Skip { get; } = new OperatorCommand(
        "skip", "Decide that a subscription passes over the event at which it stands, for good. Ends with 1 when it doesn't stand there.", [name, position, Reason],
        (parsed, services, cancellation) => DecideAsync(parsed, services, skip: true, cancellation));

    private static async Task<int> DecideAsync(ParseResult parsed, IServiceProvider services, bool skip, CancellationToken cancellation)
    {
        var command = new DecideOnPoison(parsed.GetRequiredValue(name), parsed.GetRequiredValue(position), parsed.GetRequiredValue(Reason), skip);
        var refusal = await DecideOnPoison.Handle(
            command, Actor.CommandLine(), services.GetRequiredService<Journal>(), services.GetRequiredService<Subscriptions>(), cancellation);
        Console.WriteLine(refusal is null ? $"{command.Subscription}: event {command.Position} {(skip ? "will be passed over" : "is tried again")}" : $"refused: {refusal.Code}");
        return refusal is null ? OperatorExit.Done : OperatorExit.Found;
    }
}
