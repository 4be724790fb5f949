using System.Text.Json.Nodes;

namespace CoffreFort.EventStore;

/// <summary>Turns the body of an event of one shape into that of the next shape, in place: renames, fills in, takes away.</summary>
/// <param name="body">The members as they were stored, or as the upcaster before this one left them.</param>
/// <remarks>
/// Pure: the same body always becomes the same one. It runs at every reading of an old event, on any thread; what is stored, and was hashed, is
/// never touched. Whatever it throws is a failed reading of that event (<see cref="System.Text.Json.JsonException"/>).
/// </remarks>
public delegate void Upcaster(JsonObject body);
