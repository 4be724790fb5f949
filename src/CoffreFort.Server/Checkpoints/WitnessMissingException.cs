namespace CoffreFort.Server.Checkpoints;

/// <summary>A witness that must cosign has not: nothing is published until it has.</summary>
public sealed class WitnessMissingException(string message) : Exception(message);
