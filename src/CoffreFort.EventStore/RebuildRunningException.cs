namespace CoffreFort.EventStore;

/// <summary>Somebody else is building the same subscription's tables at this moment.</summary>
#pragma warning disable CA1032 // Without the subscription there is nothing to say.
public sealed class RebuildRunningException(string subscription) : Exception($"'{subscription}' is being rebuilt by somebody else at this moment.");
#pragma warning restore CA1032
