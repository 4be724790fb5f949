using System.Security.Cryptography;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Keys;

namespace CoffreFort.Specs.House;

/// <summary>Samples of stored events, all as if they stood at the same place, their personal texts sealed under the same published key.</summary>
internal sealed class EventSamples(EventRegistry registry)
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private static readonly JsonSerializerOptions WithEnvelopes = WriteBack(personal => personal.Reveal(Key) is null ? null : personal.ToToken().Split('.')[^1]);

    private static readonly JsonSerializerOptions WithTexts = WriteBack(personal => personal.Reveal(Key));

    private static readonly SubjectKey Key = new(Named("owner"), (1u, SecretKey.CopyOf([.. Enumerable.Range(0, 32).Select(i => (byte)i)])));

    public static EventCoordinates At(string type) => new(Named("event"), type, Named("stream"), 1);

    /// <summary>The event as JSON again, with every envelope as it was read; fails when one doesn't open.</summary>
    public static JsonNode AsRead(IEvent @event) => JsonSerializer.SerializeToNode(@event, @event.GetType(), WithEnvelopes)!;

    /// <summary>The event as JSON, with every personal text in the clear: what can be compared across shapes.</summary>
    public static JsonNode Opened(IEvent @event) => JsonSerializer.SerializeToNode(@event, @event.GetType(), WithTexts)!;

    /// <summary>The event as it would be stored under a type name.</summary>
    public static string Sealed(IEvent @event, string type, EventShape shape)
    {
        var body = Opened(@event);
        foreach (var member in shape.Members.Where(member => member.Kind == "personal")) Replace(body, member.Path.Split('.'), text => Seal((string)text!, At(type)));
        return body.ToJsonString(Readable) + "\n";
    }

    /// <summary>A sample to start from: every member filled in with something of its type, or nothing that may be left out.</summary>
    /// <param name="least">The shape, when all that it lets be left out shall be.</param>
    public string Propose(Type type, EventShape? least)
    {
        var body = JsonNode.Parse(registry.Write((IEvent)Make(type, type.Name), At(registry.NameOf(type))))!;
        foreach (var member in least?.Members.Where(member => member.Optional) ?? []) Replace(body, member.Path.Split('.'), _ => null);
        return body.ToJsonString(Readable) + "\n";
    }

    private static JsonSerializerOptions WriteBack(Func<Personal, string?> say) => new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull, Converters = { new Envelopes(say) },
    };

    private static string Seal(string text, EventCoordinates at) => System.Buffers.Text.Base64Url.EncodeToString(PersonalEnvelope.Seal(
        Key.Secret, Key.Owner, Key.Generation, new FieldCoordinates(at.EventId, at.Type, at.StreamId, (ulong)at.Version), Encoding.UTF8.GetBytes(text)));

    private static void Replace(JsonNode? node, ReadOnlySpan<string> path, Func<JsonNode?, string?> change)
    {
        var name = path[0].Replace("[]", "", StringComparison.Ordinal);
        if (node is not JsonObject here || here[name] is not { } value) return;
        if (path.Length == 1 && change(value) is { } text) here[name] = text;
        else if (path.Length == 1) here.Remove(name);
        else if (value is JsonArray list) foreach (var item in list) Replace(item, path[1..], change);
        else Replace(value, path[1..], change);
    }

    private static object Make(Type type, string name)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        if (type == typeof(Guid)) return Named(name);
        if (type == typeof(string)) return $"example of {name}";
        if (type == typeof(Personal)) return Personal.Of($"Exemple : {name}", Key);
        if (type == typeof(int)) return 3;
        if (type == typeof(long)) return 4096L;
        if (type == typeof(bool)) return true;
        if (type == typeof(DateOnly)) return new DateOnly(2026, 9, 1);
        if (type == typeof(DateTimeOffset)) return new DateTimeOffset(2026, 9, 1, 8, 0, 0, TimeSpan.Zero);
        if (type == typeof(BlobName)) return BlobName.TryParse("00112233445566778899aabbccddeeff", out var blob) ? blob : throw new FormatException();
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var list = Array.CreateInstance(type.GetGenericArguments()[0], 1);
            list.SetValue(Make(type.GetGenericArguments()[0], name), 0);
            return list;
        }

        return MakeRecord(type);
    }

    private static object MakeRecord(Type type)
    {
        var constructor = type.GetConstructors().OrderBy(candidate => candidate.GetParameters().Length).Last();
        var made = constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!))]);
        foreach (var property in type.GetProperties().Where(property => property.SetMethod is not null))
        {
            var vocabulary = property.GetCustomAttributes(typeof(OneOfAttribute), false).Cast<OneOfAttribute>().FirstOrDefault();
            if (vocabulary is not null) property.SetValue(made, vocabulary.Values[0]);
            else if (property.GetValue(made) is null) property.SetValue(made, Make(property.PropertyType, property.Name));
        }

        return made;
    }

    private static Guid Named(string name) => new(SHA256.HashData(Encoding.UTF8.GetBytes(name)).AsSpan(0, 16), bigEndian: true);

    private sealed class Envelopes(Func<Personal, string?> say) : JsonConverter<Personal>
    {
        public override Personal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Personal value, JsonSerializerOptions options)
        {
            var text = say(value);
            Assert.NotNull(text);
            writer.WriteStringValue(text);
        }
    }
}
