namespace CoffreFort.EventStore;

/// <summary>A stored event has a type name that this program does not know: it was written by a newer one, or damaged.</summary>
public sealed class UnknownEventTypeException : Exception
{
    /// <summary>For the stored name <paramref name="type"/>.</summary>
    public UnknownEventTypeException(string type)
        : base($"The journal holds an event of type '{type}', which this version does not know.")
    {
    }
}
