namespace CoffreFort.EventStore;

/// <summary>The events that one stream declares, each under its stored name.</summary>
/// <remarks>Built once, by a static initialiser next to the events themselves; not safe for concurrent building.</remarks>
public sealed class EventTypes
{
    private readonly List<EventType> _all = [];

    /// <summary>The declared events, in the order of declaration.</summary>
    public IReadOnlyList<EventType> All => _all;

    /// <summary>Declares that <typeparamref name="TEvent"/> is the present shape of the event <paramref name="name"/>.</summary>
    /// <param name="name">snake_case, at most 490 characters; it must never change once an event was stored.</param>
    /// <param name="upcasters">For an event that had other shapes: how shape 1 becomes shape 2, that one shape 3, and so on. None is ever taken out.</param>
    public EventTypes Add<TEvent>(string name, params Upcaster[] upcasters)
        where TEvent : IEvent
    {
        _all.Add(new EventType(name, typeof(TEvent), [.. upcasters]));
        return this;
    }
}
