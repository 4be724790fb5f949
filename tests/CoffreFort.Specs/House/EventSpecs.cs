using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server;

namespace CoffreFort.Specs.House;

/// <summary>What was stored once can be read for ever: every event has its name, and a sample of every shape it ever had.</summary>
public class EventSpecs
{
    private const string Samples = "tests/golden/events";

    [Fact]
    public void every_event_is_registered_under_a_name() => SourceTree.AssertNone(
        from type in typeof(JournalEvents).Assembly.GetTypes()
        where type is { IsClass: true, IsAbstract: false } && typeof(IEvent).IsAssignableFrom(type)
        where !JournalEvents.Registry.Types.Values.Contains(type)
        select type.FullName, "Add the event to its stream's Events, under a snake_case name that will never change. (The registry itself refuses a second registration.)");

    [Fact]
    public void every_event_has_a_golden_sample_of_its_first_shape() => SourceTree.AssertNone(
        from entry in JournalEvents.Registry.Types
        let path = $"{Samples}/{entry.Key}.v1.json"
        where !File.Exists(Path.Combine(SourceTree.Root, path))
        select $"{path} is missing. A sample to start from:\n{EventSamples.Propose(entry.Value)}",
        "Save each sample in its file. From the first release on a sample never changes: a new shape gets a new file (v2) and the old one an upcaster.");

    [Fact]
    [Trait("Requirement", "R-227")]
    public void every_golden_sample_still_loads_and_says_the_same() => SourceTree.AssertNone(
        from path in SourceTree.Files(Samples, ".json")
        let fault = Fault(Path.GetFileName(path).Split(".v")[0], SourceTree.Text(path))
        where fault is not null
        select $"{path}: {fault}",
        "Do not edit the sample: events like it are stored. Give the old shape an upcaster, or take the change back.");

    private static string? Fault(string type, string sample)
    {
        try
        {
            var read = EventSamples.AsRead(JournalEvents.Registry.Read(Encoding.UTF8.GetBytes(sample), EventSamples.At(type)));
            return JsonNode.DeepEquals(read, JsonNode.Parse(sample)) ? null : $"reads as {read.ToJsonString()}";
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return $"{failure.GetType().Name}: {failure.Message}";
        }
    }
}
