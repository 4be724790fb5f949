using System.Text.Json;
using System.Text.Json.Serialization;
using CoffreFort.EventStore;

namespace CoffreFort.Benchmarks.Journal;

/// <summary>About 400 bytes.</summary>
internal sealed record Noted(string Text, int Number) : IEvent
{
    private static readonly string text = new('x', 360);

    public static Noted Next(int number) => new(text, number);

    public byte[] ToJson() => JsonSerializer.SerializeToUtf8Bytes(this, NotedJson.Default.Noted);
}

/// <summary>Both sides read and write JSON with the same generated code.</summary>
[JsonSerializable(typeof(Noted))]
internal sealed partial class NotedJson : JsonSerializerContext;

internal sealed record Notebook(long Notes, long Sum) : IAggregate<Notebook>
{
    public static string StreamType => "bench";

    public static Notebook Empty { get; } = new(0, 0);

    public static Notebook Evolve(Notebook state, IEvent @event) =>
        @event is Noted noted ? new Notebook(state.Notes + 1, state.Sum + noted.Number) : state;
}
