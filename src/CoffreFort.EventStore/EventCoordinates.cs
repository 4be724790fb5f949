namespace CoffreFort.EventStore;

/// <summary>Where one event stands: what binds an encrypted field to its event, so that it can't be moved to another.</summary>
/// <param name="EventId">The event's own id.</param>
/// <param name="Type">The stored type name, such as <c>document_deposited</c> or <c>document_deposited_v2</c>.</param>
/// <param name="StreamId">The stream it belongs to.</param>
/// <param name="Version">Its version in that stream, from 1; 0 when it isn't known before the append.</param>
public sealed record EventCoordinates(Guid EventId, string Type, Guid StreamId, long Version)
{
    [ThreadStatic]
    private static EventCoordinates? _current;

    /// <summary>The event's name, whatever shape it was stored in.</summary>
    public string Name => EventType.NameOf(Type);

    /// <summary>
    /// The event that this thread is writing or reading as JSON right now, or null. JSON converters have no other way
    /// to learn which event they are part of; (de)serialisation is synchronous, so a thread-static is exact.
    /// </summary>
    public static EventCoordinates? Current => _current;

    /// <summary>Until the end of the scope this thread writes or reads the event at these coordinates.</summary>
    internal static Scope Enter(EventCoordinates coordinates)
    {
        var scope = new Scope(_current);
        _current = coordinates;
        return scope;
    }

    internal readonly ref struct Scope(EventCoordinates? outer)
    {
        public void Dispose() => _current = outer;
    }
}
