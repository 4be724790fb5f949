namespace CoffreFort.Server.Outbox;

/// <summary>Brings messages to one destination. An outer edge: webhooks, mail.</summary>
public interface IMessageSender
{
    /// <summary>Which messages it takes.</summary>
    string Destination { get; }

    /// <summary>One try, bounded in time. What goes wrong is said in the answer; an exception counts as a failed try.</summary>
    Task<Delivery> SendAsync(OutboxMessage message, CancellationToken cancellation);
}
