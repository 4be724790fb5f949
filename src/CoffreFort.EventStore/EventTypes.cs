namespace CoffreFort.EventStore;

/// <summary>The events that one stream declares, each under its stored name.</summary>
/// <remarks>Built once, by a static initialiser next to the events themselves; not safe for concurrent building.</remarks>
public sealed class EventTypes
{
    private readonly List<(string Name, Type Type)> _all = [];

    /// <summary>The declared names and types, in the order of declaration.</summary>
    public IReadOnlyList<(string Name, Type Type)> All => _all;

    /// <summary>Declares that <typeparamref name="TEvent"/> is stored as <paramref name="name"/>.</summary>
    /// <param name="name">snake_case, at most 500 characters; it must never change once an event was stored.</param>
    public EventTypes Add<TEvent>(string name)
        where TEvent : IEvent
    {
        _all.Add((name, typeof(TEvent)));
        return this;
    }
}
