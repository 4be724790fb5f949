namespace CoffreFort.Cryptography;

/// <summary>Where a personal field stands: in which event, and where that event stands (docs/spec/keys.md §5).</summary>
/// <param name="EventId">The event.</param>
/// <param name="Type">The event's type name.</param>
/// <param name="StreamId">The stream the event belongs to.</param>
/// <param name="Version">The event's version in its stream.</param>
public readonly record struct FieldCoordinates(Guid EventId, string Type, Guid StreamId, ulong Version);
