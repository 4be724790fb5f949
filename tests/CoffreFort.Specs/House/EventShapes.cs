using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using CoffreFort.EventStore;

namespace CoffreFort.Specs.House;

/// <summary>Holds a registry against the approved shapes and samples: <c>name.v1.shape</c> beside <c>name.v1.json</c>, <c>name.v1.least.json</c> and so on.</summary>
/// <param name="files">By name. Approved files are only ever added to; a shape file alone may gain lines for what may be left out.</param>
internal sealed partial class EventShapes(EventRegistry registry, JsonSerializerOptions json, IReadOnlyDictionary<string, string> files)
{
    private readonly SortedDictionary<string, string> _files = new(files.ToDictionary(), StringComparer.Ordinal);
    private readonly EventSamples _samples = new(registry);

    /// <summary>Every approved file, and what is still missing or may be added.</summary>
    public IReadOnlyDictionary<string, string> Completed()
    {
        foreach (var entry in registry.All)
        {
            var present = EventShape.Of(entry.Class, json);
            var file = $"{entry.Name}.v{entry.Version}.shape";
            if (!_files.TryGetValue(file, out var approved) || !Differences(EventShape.Parse(approved), present).Any(difference => difference.Breaks)) _files[file] = present.ToString();
            if (SamplesOf(entry, entry.Version).Count == 0) AddFirstSamples(entry);
            foreach (var (path, there) in NotSeen(entry, entry.Version))
                _files.TryAdd(SampleName(entry, there ? $".{path.Split('.')[^1].Replace("[]", "", StringComparison.Ordinal)}" : ".least"), _samples.Propose(entry.Class, there ? null : present));
        }

        return _files;
    }

    /// <summary>What would make a stored event unreadable, or is not approved; each with what to do.</summary>
    public IEnumerable<string> Breaches() => registry.All.SelectMany(BreachesOf).Concat(
        from file in files.Keys
        let parts = FileName().Match(file)
        let entry = registry.All.FirstOrDefault(entry => entry.Name == parts.Groups[1].Value)
        where !parts.Success || entry is null || int.Parse(parts.Groups[2].Value, CultureInfo.InvariantCulture) > entry.Version
        select $"{file}: nothing registered reads it. Events like it are stored: the event stays registered, with the upcasters of all its shapes.");

    private IEnumerable<string> BreachesOf(EventType entry) =>
        Enumerable.Range(1, entry.Version).SelectMany(version => ShapeBreaches(entry, version).Concat(SampleBreaches(entry, version)));

    private IEnumerable<string> ShapeBreaches(EventType entry, int version)
    {
        var file = $"{entry.Name}.v{version}.shape";
        if (!_files.TryGetValue(file, out var approved)) return [$"{file} is missing. {(version == entry.Version ? "scripts/event-samples writes it." : "An approved shape is never deleted: bring it back.")}"];
        if (version < entry.Version) return [];
        return from difference in Differences(EventShape.Parse(approved), EventShape.Of(entry.Class, json))
               select difference.Breaks
                   ? $"{file}: {difference.What}. Events of the approved shape are stored, and {entry.Class.Name} no longer reads them. Leave the approved files as they are; declare shape {version + 1} "
                       + $"with an upcaster, .Add<{entry.Class.Name}>(\"{entry.Name}\", {string.Join(", ", Enumerable.Range(1, version).Select(older => $"FromShape{older}"))}), and run scripts/event-samples."
                   : $"{file}: {difference.What}. Stored events still load: scripts/event-samples adds it to the approved shape, with a sample of its own.";
    }

    private IEnumerable<string> SampleBreaches(EventType entry, int version)
    {
        if (SamplesOf(entry, version).Count == 0) yield return $"{entry.Name}.v{version}.json is missing. {(version == entry.Version ? "scripts/event-samples writes it." : "An approved sample is never deleted: bring it back.")}";
        foreach (var file in SamplesOf(entry, version))
            if (Fault(entry, version, file) is { } fault) yield return $"{file}: {fault}. Do not edit the sample: events like it are stored. Give the old shape an upcaster, or take the change back.";
        foreach (var (path, there) in NotSeen(entry, version))
            yield return $"{entry.Name}.v{version}: {path} is {(there ? "there in no sample" : "left out in no sample")}. scripts/event-samples adds one.";
    }

    private string? Fault(EventType entry, int version, string file)
    {
        try
        {
            var sample = JsonNode.Parse(_files[file]);
            if (ShapeOf(entry, version)?.Faults(sample, "", new HashSet<(string, bool)>()).FirstOrDefault() is { } fault) return fault;
            var read = registry.Read(System.Text.Encoding.UTF8.GetBytes(_files[file]), EventSamples.At(entry.StoredAs(version)));
            if (version == entry.Version) return JsonNode.DeepEquals(EventSamples.AsRead(read), sample) ? null : $"reads as {EventSamples.AsRead(read).ToJsonString()}";
            var counterpart = SampleName(entry, FileName().Match(file).Groups[3].Value);
            if (!_files.TryGetValue(counterpart, out var expected)) return $"what it means today is not approved: {counterpart} is missing, and scripts/event-samples writes it";
            var means = EventSamples.Opened(read);
            return JsonNode.DeepEquals(means, EventSamples.Opened(registry.Read(System.Text.Encoding.UTF8.GetBytes(expected), EventSamples.At(entry.Stored))))
                ? null : $"means {means.ToJsonString()}, which is not what {counterpart} says";
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            return $"{failure.GetType().Name}: {failure.Message}";
        }
    }

    /// <summary>A first shape begins with everything and with the least; a later one with what each sample of the older ones means in it.</summary>
    private void AddFirstSamples(EventType entry)
    {
        var older = Enumerable.Range(1, entry.Version - 1).SelectMany(version => SamplesOf(entry, version).Select(file => (version, file))).ToList();
        foreach (var (version, file) in older)
        {
            var read = registry.Read(System.Text.Encoding.UTF8.GetBytes(_files[file]), EventSamples.At(entry.StoredAs(version)));
            _files.TryAdd(SampleName(entry, FileName().Match(file).Groups[3].Value), EventSamples.Sealed(read, entry.Stored, EventShape.Of(entry.Class, json)));
        }

        if (older.Count == 0) _files[SampleName(entry, "")] = _samples.Propose(entry.Class, null);
    }

    /// <summary>The members that no sample has, or that may be left out and are in none.</summary>
    private IEnumerable<(string Path, bool There)> NotSeen(EventType entry, int version)
    {
        if (ShapeOf(entry, version) is not { } shape || SamplesOf(entry, version).Count == 0) return [];
        var seen = new HashSet<(string Path, bool There)>();
        foreach (var file in SamplesOf(entry, version)) _ = shape.Faults(JsonNode.Parse(_files[file]), "", seen).Count();
        return [..
            from member in shape.Members
            from there in new[] { true, false }
            where (there || member.Optional) && !seen.Contains((member.Path, there))
            select (member.Path, there)];
    }

    private EventShape? ShapeOf(EventType entry, int version) =>
        _files.TryGetValue($"{entry.Name}.v{version}.shape", out var approved) ? EventShape.Parse(approved) : null;

    private List<string> SamplesOf(EventType entry, int version) => [.. _files.Keys.Where(file =>
        FileName().Match(file) is { Success: true } parts && parts.Groups[4].Value == "json" && file.StartsWith($"{entry.Name}.v{version}.", StringComparison.Ordinal))];

    private static string SampleName(EventType entry, string what) => $"{entry.Name}.v{entry.Version}{what}.json";

    private static IEnumerable<(string What, bool Breaks)> Differences(EventShape approved, EventShape present)
    {
        foreach (var was in approved.Members)
        {
            if (present.Find(was.Path) is not { } now) yield return ($"{was.Path} is gone, or has another name", true);
            else if (was.Values.Except(now.Values).Any() && now.Values.Length > 0) yield return ($"{was.Path} no longer knows the value {string.Join(", ", was.Values.Except(now.Values))}", true);
            else if (was.Kind.Split(':')[0] != now.Kind.Split(':')[0]) yield return ($"{was.Path} was '{was.Kind}' and is '{now.Kind}'", true);
            else if (was.Optional && !now.Optional) yield return ($"{was.Path} could be left out, and no longer can", true);
            else if (was != now) yield return ($"{was.Path} now is '{now}'", false);
        }

        foreach (var now in present.Members.Where(now => approved.Find(now.Path) is null))
        {
            var isNewWithIt = now.Parent.Length > 0 && approved.Find(now.Parent) is null;
            yield return now.Optional || isNewWithIt ? ($"{now.Path} is new", false) : ($"{now.Path} is new, and can't be left out", true);
        }
    }

    [GeneratedRegex(@"^([a-z0-9_]+)\.v([1-9][0-9]*)(\.[A-Za-z]+)?\.(shape|json)$")]
    private static partial Regex FileName();
}
