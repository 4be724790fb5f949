using CoffreFort.EventStore;
using CoffreFort.Server;

namespace CoffreFort.Specs.House;

/// <summary>What was stored once can be read for ever: every event has its name, and every shape it ever had is approved, with samples (docs/guides/change-an-event.md).</summary>
public class EventSpecs
{
    private const string Samples = "tests/golden/events";

    [Fact]
    public void every_event_is_registered_under_a_name() => SourceTree.AssertNone(
        from type in typeof(JournalEvents).Assembly.GetTypes()
        where type is { IsClass: true, IsAbstract: false } && typeof(IEvent).IsAssignableFrom(type)
        where JournalEvents.Registry.All.All(entry => entry.Class != type)
        select type.FullName, "Add the event to its stream's Events, under a snake_case name that will never change. (The registry itself refuses a second registration.)");

    [Fact]
    [Trait("Requirement", "R-227")]
    public void every_shape_ever_stored_is_approved_and_its_samples_still_load_and_say_the_same()
    {
        if (Environment.GetEnvironmentVariable("COFFREFORT_WRITE_EVENT_SAMPLES") == "1") WriteWhatIsMissing();
        SourceTree.AssertNone(Shapes().Breaches(), "docs/guides/change-an-event.md shows the way.");
    }

    private static EventShapes Shapes() => new(JournalEvents.Registry, JournalEvents.Json,
        SourceTree.Files(Samples, "").ToDictionary(path => Path.GetFileName(path), SourceTree.Text));

    private static void WriteWhatIsMissing()
    {
        foreach (var (name, text) in Shapes().Completed()) File.WriteAllText(Path.Combine(SourceTree.Root, Samples, name), text);
    }
}
