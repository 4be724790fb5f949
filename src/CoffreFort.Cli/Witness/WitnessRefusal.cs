namespace CoffreFort.Cli.Witness;

/// <summary>The witness does not start. The message says why, and what to do.</summary>
internal sealed class WitnessRefusal(string message) : Exception(message);
