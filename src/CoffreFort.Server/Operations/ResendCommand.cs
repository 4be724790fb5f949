using System.CommandLine;
using CoffreFort.Server.Acts;
using CoffreFort.Server.Features.Operations;
using CoffreFort.Server.Outbox;

namespace CoffreFort.Server.Operations;

/// <summary><c>coffrefort resend</c>: a message that was given up is sent again, under the same id.</summary>
public static class ResendCommand
{
    private static readonly Argument<Guid> message = new("message") { Description = "Its id, as on the operator's page" };

    public static OperatorCommand Command { get; } = new OperatorCommand(
        "resend", "Have a message sent again that was given up. Ends with 1 when there is no such message.", [message, PoisonCommands.Reason],
        async (parsed, services, cancellation) =>
        {
            var refusal = await ResendMessage.Handle(
                parsed.GetRequiredValue(message), parsed.GetRequiredValue(PoisonCommands.Reason), Actor.CommandLine(), services.GetRequiredService<EventStore.Journal>(),
                services.GetRequiredService<MessageOutbox>(), cancellation);
            Console.WriteLine(refusal is null ? "will be sent again" : $"refused: {refusal.Code}");
            return refusal is null ? OperatorExit.Done : OperatorExit.Found;
        });
}
