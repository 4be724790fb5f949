namespace CoffreFort.Server.Sealing;

/// <summary>Nothing can be sealed now; an operator must look.</summary>
/// <param name="message">Why, for the operator.</param>
public sealed class SealUnusableException(string message) : Exception(message);
