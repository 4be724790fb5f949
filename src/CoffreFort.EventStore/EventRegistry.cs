using System.Collections.Frozen;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;

namespace CoffreFort.EventStore;

/// <summary>The names under which event types are stored, and how their bodies are written and read.</summary>
/// <remarks>
/// Names are given explicitly and never derived, so that renaming a class never changes what is stored. An event is written in its present shape
/// and read from any shape it ever had, through its <see cref="EventType.Upcasters"/>. Immutable once built; safe for concurrent use.
/// </remarks>
public sealed partial class EventRegistry
{
    private static readonly JsonDocumentOptions strict = new() { AllowDuplicateProperties = false };

    private readonly FrozenDictionary<string, Shape> _shapes;
    private readonly FrozenDictionary<Type, string> _names;
    private readonly JsonSerializerOptions _json;

    /// <summary>Joins the events of several streams into one registry.</summary>
    /// <param name="json">How event bodies are written; must be able to handle every registered type.</param>
    /// <param name="groups">Each stream's own events.</param>
    /// <exception cref="ArgumentException">A name or a class is registered twice, or a name is not snake_case or ends like a shape's number.</exception>
    public EventRegistry(JsonSerializerOptions json, params EventTypes[] groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        All = [.. groups.SelectMany(group => group.All)];
        foreach (var entry in All)
        {
            if (!SnakeCase().IsMatch(entry.Name) || EventType.NameOf(entry.Name) != entry.Name)
                throw new ArgumentException($"The event name '{entry.Name}' of {entry.Class.Name} is not snake_case without a shape's number.", nameof(groups));
            if (All.Count(other => other.Name == entry.Name || other.Class == entry.Class) > 1)
                throw new ArgumentException($"The event '{entry.Name}' ({entry.Class.Name}) is registered twice.", nameof(groups));
        }

        _json = json;
        _shapes = All.SelectMany(Shapes).ToFrozenDictionary();
        _names = All.ToFrozenDictionary(entry => entry.Class, entry => entry.Stored);
    }

    /// <summary>Every registered event.</summary>
    public IReadOnlyList<EventType> All { get; }

    /// <summary>The type name under which events of this class are stored: that of the present shape.</summary>
    /// <exception cref="ArgumentException">The class is not registered.</exception>
    public string NameOf(Type type) =>
        _names.TryGetValue(type, out var name)
            ? name
            : throw new ArgumentException($"{type?.Name} is not registered as an event; add it to its stream's Events list.", nameof(type));

    /// <summary>The event's body as UTF-8 JSON, exactly as it will be stored and hashed.</summary>
    public byte[] Write(IEvent @event, EventCoordinates at)
    {
        ArgumentNullException.ThrowIfNull(@event);
        using var writing = EventCoordinates.Enter(at);
        var body = JsonSerializer.SerializeToUtf8Bytes(@event, @event.GetType(), _json);
        StorableText.RequireJson(body, nameof(@event));
        return body;
    }

    /// <summary>The event that a stored body means, in its present shape.</summary>
    /// <exception cref="UnknownEventTypeException">Nothing is registered under the type name in <paramref name="at"/>.</exception>
    /// <exception cref="JsonException">The body is not what its type says, or can't be brought to the present shape.</exception>
    public IEvent Read(ReadOnlyMemory<byte> data, EventCoordinates at)
    {
        ArgumentNullException.ThrowIfNull(at);
        if (!_shapes.TryGetValue(at.Type, out var shape)) throw new UnknownEventTypeException(at.Type);
        using var reading = EventCoordinates.Enter(at);
        var body = shape.Upcasters.Length == 0
            ? JsonSerializer.Deserialize(data.Span, shape.Json)
            : Upcast(data, at.Type, shape.Upcasters).Deserialize(shape.Json);
        return (IEvent?)body ?? throw new JsonException($"The body of a stored '{at.Type}' is null.");
    }

    private static JsonObject Upcast(ReadOnlyMemory<byte> data, string type, ReadOnlySpan<Upcaster> upcasters)
    {
        var body = JsonNode.Parse(data.Span, documentOptions: strict) as JsonObject ?? throw new JsonException($"The body of a stored '{type}' is no object.");
        try
        {
            foreach (var upcast in upcasters) upcast(body);
            return body;
        }
#pragma warning disable CA1031 // An upcaster that trips over a body: for whoever reads, that body can't be read.
        catch (Exception failure)
        {
            throw new JsonException($"The body of a stored '{type}' can't be brought to its present shape: {failure.Message}", failure);
        }
#pragma warning restore CA1031
    }

    private IEnumerable<KeyValuePair<string, Shape>> Shapes(EventType entry) =>
        from version in Enumerable.Range(1, entry.Version)
        select KeyValuePair.Create(entry.StoredAs(version), new Shape(_json.GetTypeInfo(entry.Class), [.. entry.Upcasters.Skip(version - 1)]));

    [GeneratedRegex("^[a-z][a-z0-9]*(_[a-z0-9]+)*\\z")]
    private static partial Regex SnakeCase();

    /// <param name="Json">How the present shape is read.</param>
    /// <param name="Upcasters">From the stored shape to the present one; none for the present one itself, which is read straight.</param>
    private sealed record Shape(JsonTypeInfo Json, Upcaster[] Upcasters);
}
