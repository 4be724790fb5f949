namespace CoffreFort.Server.Outbox;

/// <summary>How the outbox stands.</summary>
/// <param name="Waiting">How many messages wait to be sent.</param>
/// <param name="OldestAge">How long the oldest of them has waited; zero when there is none.</param>
/// <param name="Dead">How many were given up.</param>
public sealed record OutboxState(long Waiting, TimeSpan OldestAge, long Dead);

/// <summary>A message that was given up.</summary>
public sealed record DeadMessage(Guid Id, string Destination, string Type, int Attempts, string? Problem, DateTimeOffset Since);
