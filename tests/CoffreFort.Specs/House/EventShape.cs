using System.Globalization;
using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;

namespace CoffreFort.Specs.House;

/// <summary>In what shape an event is stored: every member with what it holds, and whether it may be left out. As text, one member a line: <c>dates.period?: text</c>.</summary>
internal sealed record EventShape(IReadOnlyList<EventShape.Member> Members)
{
    private static readonly Dictionary<Type, string> Kinds = new()
    {
        [typeof(string)] = "text", [typeof(Personal)] = "personal", [typeof(Guid)] = "guid", [typeof(BlobName)] = "blob", [typeof(bool)] = "boolean",
        [typeof(int)] = "integer", [typeof(long)] = "long integer", [typeof(DateOnly)] = "date", [typeof(DateTimeOffset)] = "instant",
    };

    /// <param name="Path">Below an object behind a dot, in a list behind <c>[]</c>.</param>
    /// <param name="Kind">Of a text from a vocabulary: <c>text: its | values</c>.</param>
    internal sealed record Member(string Path, string Kind, bool Optional)
    {
        public string Parent => Path.EndsWith("[]", StringComparison.Ordinal) ? Path[..^2] : Path.Contains('.', StringComparison.Ordinal) ? Path[..Path.LastIndexOf('.')] : "";

        public string[] Values => Kind.StartsWith("text: ", StringComparison.Ordinal) ? Kind[6..].Split(" | ") : [];

        public override string ToString() => $"{Path}{(Optional ? "?" : "")}: {Kind}";
    }

    public static EventShape Of(Type type, JsonSerializerOptions json) => new([.. MembersOf(type, "", json)]);

    public static EventShape Parse(string text) => new([..
        from line in text.Split('\n', StringSplitOptions.RemoveEmptyEntries)
        let parts = line.Split(": ", 2)
        select new Member(parts[0].TrimEnd('?'), parts[1], parts[0].EndsWith('?'))]);

    public override string ToString() => string.Concat(Members.Select(member => $"{member}\n"));

    public Member? Find(string path) => Members.FirstOrDefault(member => member.Path == path);

    /// <summary>Where a body is not of this shape; notes for each member whether it was there or left out.</summary>
    public IEnumerable<string> Faults(JsonNode? body, string path, ISet<(string Path, bool There)> seen) => body switch
    {
        JsonObject node => FaultsOf(node, path, seen),
        JsonArray list => list.SelectMany(item => Find($"{path}[]") is { } member ? ValueFaults(item, member, seen) : [$"{path} is no list"]),
        _ => [$"{(path.Length == 0 ? "the body" : path)} is no object"],
    };

    private IEnumerable<string> FaultsOf(JsonObject node, string path, ISet<(string Path, bool There)> seen)
    {
        var below = path.Length == 0 ? "" : $"{path}.";
        foreach (var (name, value) in node)
        {
            if (Find(below + name) is not { } member) yield return $"{below}{name} is not in the shape";
            else foreach (var fault in ValueFaults(value, member, seen)) yield return fault;
        }

        foreach (var member in Members.Where(member => member.Parent == path && !member.Path.EndsWith("[]", StringComparison.Ordinal) && !node.ContainsKey(member.Path[below.Length..])))
        {
            seen.Add((member.Path, false));
            if (!member.Optional) yield return $"{member.Path} is missing";
        }
    }

    private IEnumerable<string> ValueFaults(JsonNode? value, Member member, ISet<(string Path, bool There)> seen)
    {
        seen.Add((member.Path, true));
        if (member.Kind is "object" && value is JsonObject || member.Kind is "list" && value is JsonArray) return Faults(value, member.Path, seen);
        return Holds(value, member) ? [] : [$"{member.Path} holds {value?.ToJsonString() ?? "null"}, which is no {member.Kind}"];
    }

    private static bool Holds(JsonNode? value, Member member) => (member.Kind, value?.GetValueKind()) switch
    {
        ("boolean", JsonValueKind.True or JsonValueKind.False) => true,
        ("integer" or "long integer", JsonValueKind.Number) => true,
        ("guid", JsonValueKind.String) => Guid.TryParse((string?)value, out _),
        ("date", JsonValueKind.String) => DateOnly.TryParseExact((string?)value, "yyyy-MM-dd", CultureInfo.InvariantCulture, DateTimeStyles.None, out _),
        ("instant", JsonValueKind.String) => DateTimeOffset.TryParse((string?)value, CultureInfo.InvariantCulture, out _),
        ("object" or "list", _) => false,
        (_, JsonValueKind.String) => member.Values is { Length: 0 } || member.Values.Contains((string?)value),
        _ => false,
    };

    private static IEnumerable<Member> MembersOf(Type type, string path, JsonSerializerOptions json)
    {
        foreach (var property in json.GetTypeInfo(type).Properties.Where(property => property.Get is not null))
        {
            var at = path.Length == 0 ? property.Name : $"{path}.{property.Name}";
            foreach (var member in MembersAt(property.PropertyType, at, !property.IsRequired, property.AttributeProvider, json)) yield return member;
        }
    }

    private static IEnumerable<Member> MembersAt(Type type, string path, bool optional, ICustomAttributeProvider? attributes, JsonSerializerOptions json)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        var values = attributes?.GetCustomAttributes(typeof(OneOfAttribute), false).Cast<OneOfAttribute>().FirstOrDefault()?.Values;
        if (Kinds.TryGetValue(type, out var kind)) return [new Member(path, values is null ? kind : $"{kind}: {string.Join(" | ", values)}", optional)];
        var info = json.GetTypeInfo(type);
        return info.Kind switch
        {
            JsonTypeInfoKind.Object => [new Member(path, "object", optional), .. MembersOf(type, path, json)],
            JsonTypeInfoKind.Enumerable => [new Member(path, "list", optional), .. MembersAt(info.ElementType!, $"{path}[]", false, null, json)],
            _ => throw new NotSupportedException($"{path}: what a {type.Name} looks like when it is stored is not in {nameof(EventShape)}.{nameof(Kinds)}; add it."),
        };
    }
}
