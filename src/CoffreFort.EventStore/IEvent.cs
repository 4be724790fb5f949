namespace CoffreFort.EventStore;

/// <summary>Marks a record as an event: a fact that can be stored in the journal once it is registered under a name.</summary>
/// <remarks>Events are immutable. Their stored name is given by <see cref="EventRegistry"/>, never by the class name.</remarks>
#pragma warning disable CA1040 // A marker is what lets a test find an event that nobody registered.
public interface IEvent;
#pragma warning restore CA1040
