namespace CoffreFort.Server.Operations;

/// <summary>An operator's command can't go on, for a reason that the operator can mend: its message says what and how.</summary>
public sealed class OperatorException(string message) : Exception(message);
