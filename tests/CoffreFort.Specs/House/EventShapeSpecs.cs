using System.Text.Json.Nodes;
using CoffreFort.EventStore;
using CoffreFort.Server;

namespace CoffreFort.Specs.House;

/// <summary>The rule about shapes sees what is planted: each change of a stored event that needs an upcaster, and each upcaster that is wrong.</summary>
public class EventShapeSpecs
{
    private static readonly Dictionary<string, string> approved = new(Of<Rang>().Completed());

    private static class Moods
    {
        public const string Gay = "gay";
        public const string Grave = "grave";
    }

    private static class FewerMoods
    {
        public const string Gay = "gay";
    }

    private static class MoreMoods
    {
        public const string Gay = "gay";
        public const string Grave = "grave";
        public const string Shrill = "shrill";
    }

    private sealed record Clapper(string Metal, int Weight);

    private sealed record Rang(int Times, [property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Renamed(int Strokes, [property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Removed([property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Needing(int Times, [property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers, bool Loud) : IEvent;

    private sealed record NeedingNoName(int Times, [property: OneOf(typeof(Moods))] string Mood, Personal Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Retyped(string Times, [property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Disclosed(int Times, [property: OneOf(typeof(Moods))] string Mood, string? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Narrowed(int Times, [property: OneOf(typeof(FewerMoods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Widened(int Times, [property: OneOf(typeof(MoreMoods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers) : IEvent;

    private sealed record Detailed(int Times, [property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Clapper> Clappers, Clapper? Spare) : IEvent
    {
        public string? Tower { get; init; }
    }

    private sealed record Bent(string Metal, int Weight, int Angle);

    private sealed record Deeper(int Times, [property: OneOf(typeof(Moods))] string Mood, Personal? Ringer, IReadOnlyList<Bent> Clappers) : IEvent;

    [Fact]
    public void what_is_approved_passes_and_nothing_is_left_to_write()
    {
        Assert.Empty(Of<Rang>(approved).Breaches());
        Assert.Equal(approved, Of<Rang>(approved).Completed());
        Assert.Equal(["bell_rang.v1.json", "bell_rang.v1.least.json", "bell_rang.v1.shape"], approved.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(
            "times: integer\nmood: text: gay | grave\nringer?: personal\nclappers: list\nclappers[]: object\nclappers[].metal: text\nclappers[].weight: integer\n",
            approved["bell_rang.v1.shape"]);
    }

    [Fact]
    public void every_change_that_stored_events_do_not_survive_asks_for_an_upcaster()
    {
        AssertRed<Renamed>("bell_rang.v1.shape: times is gone", "strokes is new, and can't be left out");
        AssertRed<Removed>("bell_rang.v1.shape: times is gone");
        AssertRed<Needing>("loud is new, and can't be left out");
        AssertRed<NeedingNoName>("ringer could be left out, and no longer can", "bell_rang.v1.least.json: JsonException");
        AssertRed<Retyped>("times was 'integer' and is 'text'");
        AssertRed<Disclosed>("ringer was 'personal' and is 'text'");
        AssertRed<Narrowed>("mood no longer knows the value grave");
        AssertRed<Deeper>("clappers[].angle is new, and can't be left out");
        Assert.Contains("declare shape 2 with an upcaster, .Add<Renamed>(\"bell_rang\", FromShape1)", string.Join('\n', Of<Renamed>(approved).Breaches()), StringComparison.Ordinal);
    }

    [Fact]
    public void what_may_be_left_out_or_one_more_value_is_allowed_with_its_own_sample()
    {
        string[] breaches = [.. Of<Detailed>(approved).Breaches()];
        Assert.Contains(breaches, breach => breach.Contains("spare is new. Stored events still load", StringComparison.Ordinal));
        Assert.Contains(breaches, breach => breach.Contains("tower is new. Stored events still load", StringComparison.Ordinal));
        var completed = Of<Detailed>(approved).Completed();
        Assert.Empty(Of<Detailed>(completed).Breaches());
        Assert.Contains("bell_rang.v1.spare.json", completed);
        Assert.All(approved.Where(file => !file.Key.EndsWith(".shape", StringComparison.Ordinal)), file => Assert.Equal(file.Value, completed[file.Key]));

        var shapeAlone = new Dictionary<string, string>(approved) { ["bell_rang.v1.shape"] = completed["bell_rang.v1.shape"] };
        Assert.Contains(Of<Detailed>(shapeAlone).Breaches(), breach => breach.Contains("tower is there in no sample", StringComparison.Ordinal));
        Assert.NotEmpty(Of<Widened>(approved).Breaches());
        Assert.Empty(Of<Widened>(Of<Widened>(approved).Completed()).Breaches());
    }

    [Fact]
    public void a_new_shape_with_its_upcaster_passes_and_adds_what_the_old_samples_mean()
    {
        Assert.Contains(Of<Needing>(approved, Loud).Breaches(), breach => breach.StartsWith("bell_rang.v2.shape is missing", StringComparison.Ordinal));

        var second = Of<Needing>(approved, Loud).Completed();

        Assert.Empty(Of<Needing>(second, Loud).Breaches());
        Assert.Equal(second, Of<Needing>(second, Loud).Completed());
        Assert.All(approved, file => Assert.Equal(file.Value, second[file.Key]));
        Assert.True((bool)JsonNode.Parse(second["bell_rang.v2.least.json"])!["loud"]!);
        var third = Of<Rang>(second, Loud, Quiet).Completed();
        Assert.Empty(Of<Rang>(third, Loud, Quiet).Breaches());
        Assert.Contains("bell_rang.v3.least.json", third);
    }

    [Fact]
    public void an_upcaster_that_is_wrong_or_changes_its_mind_is_seen()
    {
        var second = Of<Needing>(approved, Loud).Completed();
        Assert.Contains(Of<Needing>(second, _ => { }).Breaches(), breach => breach.StartsWith("bell_rang.v1.json: JsonException", StringComparison.Ordinal));
        Assert.Contains(Of<Needing>(second, body => body["loud"] = false).Breaches(), breach => breach.Contains("which is not what bell_rang.v2.json says", StringComparison.Ordinal));
        Assert.Contains(Of<Needing>(second, body => body["loud"] = body["volume"]!.DeepClone()).Breaches(), breach => breach.Contains("can't be brought to its present shape", StringComparison.Ordinal));
    }

    [Fact]
    public void approved_files_are_neither_edited_nor_deleted_and_their_events_stay_registered()
    {
        var edited = new Dictionary<string, string>(approved) { ["bell_rang.v1.json"] = approved["bell_rang.v1.json"].Replace("\"times\"", "\"strokes\"", StringComparison.Ordinal) };
        Assert.Contains(Of<Rang>(edited).Breaches(), breach => breach.Contains("strokes is not in the shape", StringComparison.Ordinal));
        Assert.NotEmpty(Of<Renamed>(new Dictionary<string, string>(edited) { ["bell_rang.v1.shape"] = approved["bell_rang.v1.shape"] }).Breaches());
        foreach (var name in approved.Keys)
            Assert.NotEmpty(Of<Rang>(approved.Where(file => file.Key != name).ToDictionary()).Breaches());
        var second = Of<Needing>(approved, Loud).Completed();
        foreach (var name in second.Keys)
            Assert.NotEmpty(Of<Needing>(second.Where(file => file.Key != name).ToDictionary(), Loud).Breaches());
        Assert.Contains(new EventShapes(new EventRegistry(JournalEvents.Json), JournalEvents.Json, approved).Breaches(), breach => breach.Contains("the event stays registered", StringComparison.Ordinal));
        Assert.NotEmpty(Of<Rang>(second).Breaches());
    }

    private static void Loud(JsonObject body) => body["loud"] = true;

    private static void Quiet(JsonObject body) => body.Remove("loud");

    private static EventShapes Of<T>(IReadOnlyDictionary<string, string>? files = null, params Upcaster[] upcasters)
        where T : IEvent => new(new EventRegistry(JournalEvents.Json, new EventTypes().Add<T>("bell_rang", upcasters)), JournalEvents.Json, files ?? new Dictionary<string, string>());

    private static void AssertRed<T>(params string[] parts)
        where T : IEvent
    {
        var breaches = string.Join('\n', Of<T>(approved).Breaches());
        foreach (var part in parts) Assert.Contains(part, breaches, StringComparison.Ordinal);
        Assert.NotEmpty(Of<T>(Of<T>(approved).Completed()).Breaches());
    }
}
