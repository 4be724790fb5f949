using System.Collections.Frozen;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoffreFort.EventStore;

/// <summary>The names under which event types are stored, and how their bodies are written and read.</summary>
/// <remarks>
/// Names are given explicitly and never derived, so that renaming a class never changes what is stored. Immutable once built;
/// safe for concurrent use.
/// </remarks>
public sealed partial class EventRegistry
{
    private readonly FrozenDictionary<string, Type> _types;
    private readonly FrozenDictionary<Type, string> _names;
    private readonly JsonSerializerOptions _json;

    /// <summary>Joins the events of several streams into one registry.</summary>
    /// <param name="json">How event bodies are written; must be able to handle every registered type.</param>
    /// <param name="groups">Each stream's own events.</param>
    /// <exception cref="ArgumentException">A name or a type is registered twice, or a name is not snake_case.</exception>
    public EventRegistry(JsonSerializerOptions json, params EventTypes[] groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        var all = groups.SelectMany(group => group.All).ToList();
        foreach (var (name, type) in all)
        {
            if (!SnakeCase().IsMatch(name))
                throw new ArgumentException($"The event name '{name}' of {type.Name} is not snake_case.", nameof(groups));
            if (all.Count(other => other.Name == name || other.Type == type) > 1)
                throw new ArgumentException($"The event '{name}' ({type.Name}) is registered twice.", nameof(groups));
        }

        _json = json;
        _types = all.ToFrozenDictionary(entry => entry.Name, entry => entry.Type);
        _names = all.ToFrozenDictionary(entry => entry.Type, entry => entry.Name);
    }

    /// <summary>Every registered event type with its stored name.</summary>
    public IReadOnlyDictionary<string, Type> Types => _types;

    /// <summary>The stored name of an event type.</summary>
    /// <exception cref="ArgumentException">The type is not registered.</exception>
    public string NameOf(Type type) =>
        _names.TryGetValue(type, out var name)
            ? name
            : throw new ArgumentException($"{type?.Name} is not registered as an event; add it to its stream's Events list.", nameof(type));

    /// <summary>The event's body as UTF-8 JSON, exactly as it will be stored and hashed.</summary>
    public byte[] Write(IEvent @event, EventCoordinates at) =>
        EventCoordinates.While(at, () => JsonSerializer.SerializeToUtf8Bytes(@event, @event.GetType(), _json));

    /// <summary>The event that a stored body means.</summary>
    /// <exception cref="UnknownEventTypeException">No type is registered under the name in <paramref name="at"/>.</exception>
    /// <exception cref="JsonException">The body is not what its type says.</exception>
    public IEvent Read(ReadOnlyMemory<byte> data, EventCoordinates at)
    {
        ArgumentNullException.ThrowIfNull(at);
        if (!_types.TryGetValue(at.Type, out var type)) throw new UnknownEventTypeException(at.Type);
        return EventCoordinates.While(at, () => (IEvent?)JsonSerializer.Deserialize(data.Span, type, _json))
            ?? throw new JsonException($"The body of a stored '{at.Type}' is null.");
    }

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*\\z")]
    private static partial Regex SnakeCase();
}
