using System.Text.Json.Nodes;

namespace CoffreFort.IntegrationTests.Web;

/// <summary>Bodies of a published route: one that fits its schema, and that one with a single thing in it that no request may hold.</summary>
internal sealed class HostileJson(JsonObject document)
{
    /// <summary>Each with the place where it is at fault.</summary>
    public IEnumerable<(string Place, string Body)> Of(JsonObject schema)
    {
        foreach (var place in Places(Sample(schema)!, "$").ToList())
        {
            var body = Sample(schema)!;
            var (parent, key) = Find(body, place);
            var what = parent is JsonArray list ? list[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] : parent[key];
            JsonNode replaced = what is JsonArray ? new JsonArray([null]) : "a\0b";
            if (parent is JsonArray items) items[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)] = replaced;
            else parent[key] = replaced;
            // A text in a list is a fault of the list.
            yield return (parent is JsonArray ? place[..place.LastIndexOf('[')] : place, body.ToJsonString());
        }
    }

    /// <summary>With a member that nothing reads, in each object in turn.</summary>
    public IEnumerable<(string Place, string Body)> WithOneMore(JsonObject schema)
    {
        foreach (var place in Objects(Sample(schema)!, "$").ToList())
        {
            var body = Sample(schema)!;
            var (parent, key) = Find(body, $"{place}.unexpected");
            parent[key] = 1;
            yield return ($"{place}.unexpected", body.ToJsonString());
        }
    }

    /// <summary>Members of which the document does not say what they are.</summary>
    public IEnumerable<string> Untyped(JsonObject schema, string place = "$")
    {
        schema = Resolve(schema);
        if (schema["type"] is null && schema["enum"] is null) yield return place;
        foreach (var (name, member) in schema["properties"]?.AsObject() ?? [])
            foreach (var found in Untyped(member!.AsObject(), $"{place}.{name}")) yield return found;
        if (schema["items"] is JsonObject items)
            foreach (var found in Untyped(items, place + "[0]")) yield return found;
    }

    private static IEnumerable<string> Places(JsonNode node, string at) => node switch
    {
        JsonObject members => members.SelectMany(member => Places(member.Value!, $"{at}.{member.Key}")),
        JsonArray list => list.SelectMany((item, index) => Places(item!, $"{at}[{index}]")).Prepend(at),
        JsonValue value when value.TryGetValue<string>(out _) => [at],
        _ => [],
    };

    private static IEnumerable<string> Objects(JsonNode node, string at) => node switch
    {
        JsonObject members => members.SelectMany(member => Objects(member.Value!, $"{at}.{member.Key}")).Prepend(at),
        JsonArray list => list.SelectMany((item, index) => Objects(item!, $"{at}[{index}]")),
        _ => [],
    };

    private static (JsonNode Parent, string Key) Find(JsonNode body, string place)
    {
        var keys = place[1..].Replace("[", ".", StringComparison.Ordinal).Replace("]", "", StringComparison.Ordinal).Split('.', StringSplitOptions.RemoveEmptyEntries);
        var parent = body;
        foreach (var key in keys[..^1]) parent = parent is JsonArray list ? list[int.Parse(key, System.Globalization.CultureInfo.InvariantCulture)]! : parent[key]!;
        return (parent, keys[^1]);
    }

    private JsonNode? Sample(JsonObject schema)
    {
        schema = Resolve(schema);
        var types = schema["type"] is JsonArray several ? several.Select(type => (string)type!).Where(type => type != "null").ToList() : [(string?)schema["type"] ?? ""];
        if (types.Contains("object")) return new JsonObject(schema["properties"]!.AsObject().Select(member => KeyValuePair.Create(member.Key, Sample(member.Value!.AsObject()))));
        if (types.Contains("array")) return new JsonArray(Sample(schema["items"]!.AsObject()));
        if (types.Contains("integer") || types.Contains("number")) return 1;
        if (types.Contains("boolean")) return true;
        return (string?)schema["format"] switch
        {
            "uuid" => Guid.NewGuid().ToString(),
            "date" => "2026-01-01",
            "date-time" => "2026-01-01T00:00:00Z",
            _ => "x",
        };
    }

    private JsonObject Resolve(JsonObject schema)
    {
        if ((schema["oneOf"] ?? schema["anyOf"]) is JsonArray one) schema = one.Select(member => member!.AsObject()).First(member => (string?)member["type"] != "null");
        while ((string?)schema["$ref"] is { } reference)
            schema = document["components"]!["schemas"]![reference.Split('/')[^1]]!.AsObject();
        return schema;
    }
}
