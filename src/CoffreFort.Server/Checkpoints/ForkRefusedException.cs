namespace CoffreFort.Server.Checkpoints;

/// <summary>The server does not start over this journal; the message tells the operator what happened and what to do.</summary>
public sealed class ForkRefusedException(string message) : Exception(message);
