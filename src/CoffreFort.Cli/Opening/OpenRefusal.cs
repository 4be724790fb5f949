namespace CoffreFort.Cli.Opening;

/// <summary>Something is missing or can't be read or written: the message says what, and what to do.</summary>
internal sealed class OpenRefusal(string message) : Exception(message);
