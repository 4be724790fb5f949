using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;

namespace CoffreFort.Specs.Journal;

public sealed class EventRegistrySpecs
{
    private static readonly EventRegistry registry = new(JsonSerializerOptions.Default, new EventTypes().Add<Rang>("bell_rang"));

    private sealed record Rang(int Times) : IEvent;

    private sealed record Unheard : IEvent;

    [Fact]
    public void an_event_is_written_and_read_under_its_registered_name()
    {
        var at = new EventCoordinates(Guid.NewGuid(), registry.NameOf(typeof(Rang)), Guid.NewGuid(), 1);

        var bytes = registry.Write(new Rang(3), at);

        Assert.Equal("""{"Times":3}""", Encoding.UTF8.GetString(bytes));
        Assert.Equal(new Rang(3), registry.Read(bytes, at));
        Assert.Equal("bell_rang", at.Type);
    }

    [Fact]
    public void a_name_or_a_type_is_registered_once_and_in_snake_case()
    {
        Assert.Throws<ArgumentException>(() => new EventRegistry(JsonSerializerOptions.Default, new EventTypes().Add<Rang>("a").Add<Unheard>("a")));
        Assert.Throws<ArgumentException>(() => new EventRegistry(JsonSerializerOptions.Default, new EventTypes().Add<Rang>("a"), new EventTypes().Add<Rang>("b")));
        foreach (var name in new[] { "", "Bell", "bell-rang", "bell__rang", "_bell", "bell_", "1bell", "bell\n", "é", "bell_v2" })
            Assert.Throws<ArgumentException>(() => new EventRegistry(JsonSerializerOptions.Default, new EventTypes().Add<Rang>(name)));
    }

    [Fact]
    public void what_is_not_registered_is_neither_written_nor_read()
    {
        var at = new EventCoordinates(Guid.NewGuid(), "unheard", Guid.NewGuid(), 1);

        Assert.Throws<ArgumentException>(() => registry.NameOf(typeof(Unheard)));
        Assert.Throws<UnknownEventTypeException>(() => registry.Read("{}"u8.ToArray(), at));
        Assert.Throws<JsonException>(() => registry.Read("null"u8.ToArray(), at with { Type = "bell_rang" }));
        Assert.Throws<JsonException>(() => registry.Read("{"u8.ToArray(), at with { Type = "bell_rang" }));
        Assert.Null(EventCoordinates.Current);
    }

    [Fact]
    public void an_event_is_written_in_its_present_shape_and_read_from_each_it_ever_had()
    {
        var third = Third();

        Assert.Equal("bell_rang_v3", third.NameOf(typeof(Pealed)));
        Assert.Equal(new Pealed(3, "unknown"), third.Read("""{"Times":3}"""u8.ToArray(), At("bell_rang")));
        Assert.Equal(new Pealed(3, "unknown"), third.Read("""{"Strokes":3}"""u8.ToArray(), At("bell_rang_v2")));
        Assert.Equal(new Pealed(3, "west"), third.Read("""{"Strokes":3,"Tower":"west"}"""u8.ToArray(), At("bell_rang_v3")));
        foreach (var type in new[] { "bell_rang_v1", "bell_rang_v4", "bell_rang_v03", "bell_rang_v" })
            Assert.Throws<UnknownEventTypeException>(() => third.Read("{}"u8.ToArray(), At(type)));
    }

    [Fact]
    public void a_body_that_can_not_be_brought_to_the_present_shape_is_a_body_that_can_not_be_read()
    {
        foreach (var body in new[] { "{}", "null", "[]", "{", """{"Times":1,"Times":2}""" })
            Assert.ThrowsAny<JsonException>(() => Third().Read(Encoding.UTF8.GetBytes(body), At("bell_rang")));
        Assert.Null(EventCoordinates.Current);
    }

    [Fact]
    public void the_name_of_an_event_is_the_same_whatever_its_shape()
    {
        foreach (var (stored, name) in new[] { ("bell_rang", "bell_rang"), ("bell_rang_v2", "bell_rang"), ("bell_rang_v12", "bell_rang"), ("bell_v", "bell_v"), ("bell_2", "bell_2"), ("v2", "v2"), ("", "") })
            Assert.Equal(name, EventType.NameOf(stored));
        Assert.Equal("bell_rang", At("bell_rang_v2").Name);
    }

    private static EventCoordinates At(string type) => new(Guid.NewGuid(), type, Guid.NewGuid(), 1);

    private static EventRegistry Third() => new(JsonSerializerOptions.Default, new EventTypes().Add<Pealed>("bell_rang", ToStrokes, body => body["Tower"] = "unknown"));

    private static void ToStrokes(JsonObject body)
    {
        body["Strokes"] = body["Times"]!.DeepClone();
        body.Remove("Times");
    }

    private sealed record Pealed(int Strokes, string Tower) : IEvent;
}
