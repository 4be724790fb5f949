using System.Text;
using System.Text.Json;
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
        foreach (var name in new[] { "", "Bell", "bell-rang", "bell__rang", "_bell", "bell_", "1bell", "bell\n", "é" })
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
}
