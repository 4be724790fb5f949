namespace CoffreFort.Server.Edges.Timestamps;

/// <summary>The timestamp authority gave no answer; it may be asked again.</summary>
/// <param name="message">Why, for the operator.</param>
/// <param name="cause">What happened.</param>
public sealed class TimestampAuthorityException(string message, Exception? cause = null) : Exception(message, cause);
