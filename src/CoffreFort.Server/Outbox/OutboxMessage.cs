namespace CoffreFort.Server.Outbox;

/// <summary>Something to be told to the outside: ids and names only, never data.</summary>
/// <param name="Id">Stays the same over all tries: receivers deduplicate by it.</param>
/// <param name="Destination">The sender's name, such as <c>alerts</c>.</param>
/// <param name="Type">What it tells, such as <c>coffrefort.alert.subscription-stopped</c>.</param>
/// <param name="Body">As it will be sent; JSON.</param>
public sealed record OutboxMessage(Guid Id, string Destination, string Type, string Body);
