using System.Text.Json;

namespace CoffreFort.EventStore;

/// <summary>One event as the journal holds it.</summary>
/// <remarks>Immutable but for the body, which is read from <see cref="Data"/> on first use; that is safe for concurrent use.</remarks>
public sealed class StoredEvent
{
    private readonly EventRegistry _registry;
    private IEvent? _body;
    private IReadOnlyDictionary<string, string>? _headers;

    internal StoredEvent(EventRegistry registry) => _registry = registry;

    /// <summary>Position in the whole journal, from 1, without gaps (<c>seq_id</c>).</summary>
    public required long Position { get; init; }

    /// <summary>The event's own id (UUIDv7).</summary>
    public required Guid Id { get; init; }

    /// <summary>The stream it belongs to.</summary>
    public required Guid StreamId { get; init; }

    /// <summary>Version in its stream, from 1, without gaps.</summary>
    public required long Version { get; init; }

    /// <summary>Journal time: never runs backwards from one position to the next; microseconds, UTC.</summary>
    public required DateTimeOffset Timestamp { get; init; }

    /// <summary>Stored type name, which also tells the shape: <c>bell_rang_v2</c>.</summary>
    public required string Type { get; init; }

    /// <summary>The event's name, whatever shape it was stored in: <c>bell_rang</c>. What code that asks for a kind of event compares.</summary>
    public string Name => EventType.NameOf(Type);

    /// <summary>The stored body: UTF-8 JSON, byte for byte what was hashed.</summary>
    public required ReadOnlyMemory<byte> Data { get; init; }

    /// <summary>The stored headers: UTF-8 JSON, byte for byte what was hashed; empty when there are none.</summary>
    public required ReadOnlyMemory<byte> HeadersJson { get; init; }

    /// <summary>The stored 32-byte leaf hash.</summary>
    public required ReadOnlyMemory<byte> LeafHash { get; init; }

    /// <summary>Where the event stands.</summary>
    public EventCoordinates Coordinates => new(Id, Type, StreamId, Version);

    /// <summary>The event itself, in its present shape.</summary>
    /// <exception cref="UnknownEventTypeException">Its type is not registered.</exception>
    /// <exception cref="JsonException">Its body is damaged, or can't be brought to the present shape.</exception>
    public IEvent Body => _body ??= _registry.Read(Data, Coordinates);

    /// <summary>Who acted, for whom, through which channel, under which correlation: header names and values.</summary>
    public IReadOnlyDictionary<string, string> Headers => _headers ??= HeadersJson.IsEmpty
        ? new Dictionary<string, string>()
        : JsonSerializer.Deserialize<Dictionary<string, string>>(HeadersJson.Span) ?? [];

    /// <summary>The value of one header, or null.</summary>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
