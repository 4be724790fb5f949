namespace CoffreFort.Server.Keys;

/// <summary>Keys can't be rotated as they are, and nothing was destroyed; the message tells the operator why.</summary>
public sealed class RotationHalted(string reason) : Exception(reason);
