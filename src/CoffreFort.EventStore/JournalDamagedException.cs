namespace CoffreFort.EventStore;

/// <summary>What is stored is not what was appended: nothing may be signed over it.</summary>
/// <param name="position">The event where it shows, when it is one event.</param>
/// <param name="message">What is wrong, for the operator.</param>
public sealed class JournalDamagedException(long? position, string message) : Exception(message)
{
    /// <summary>The event where it shows, when it is one event.</summary>
    public long? Position => position;
}
