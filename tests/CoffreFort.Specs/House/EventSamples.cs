using System.Security.Cryptography;
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
internal static class EventSamples
{
    private static readonly JsonSerializerOptions WriteBack = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        Converters = { new Envelopes() },
    };

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private static readonly SubjectKey Key = new(Named("owner"), 1, SecretKey.CopyOf([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));

    public static EventCoordinates At(string type) => new(Named("event"), type, Named("stream"), 1);

    /// <summary>The event as JSON again, with every envelope as it was read; fails when one doesn't open.</summary>
    public static JsonNode AsRead(IEvent @event) => JsonSerializer.SerializeToNode(@event, @event.GetType(), WriteBack)!;

    /// <summary>A sample to start from, for an event that has none: every member filled in with something of its type.</summary>
    public static string Propose(Type type)
    {
        byte[] body = JournalEvents.Registry.Write((IEvent)Make(type, type.Name), At(JournalEvents.Registry.NameOf(type)));
        return JsonNode.Parse(body)!.ToJsonString(Readable);
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
        if (type.IsEnum) return Enum.GetValues(type).GetValue(Enum.GetValues(type).Length - 1)!;
        if (type.IsGenericType && type.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))
        {
            var list = Array.CreateInstance(type.GetGenericArguments()[0], 1);
            list.SetValue(Make(type.GetGenericArguments()[0], name), 0);
            return list;
        }

        var constructor = type.GetConstructors().OrderBy(candidate => candidate.GetParameters().Length).Last();
        return constructor.Invoke([.. constructor.GetParameters().Select(parameter => Make(parameter.ParameterType, parameter.Name!))]);
    }

    private static Guid Named(string name) => new(SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(name)).AsSpan(0, 16), bigEndian: true);

    private sealed class Envelopes : JsonConverter<Personal>
    {
        public override Personal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => throw new NotSupportedException();

        public override void Write(Utf8JsonWriter writer, Personal value, JsonSerializerOptions options)
        {
            Assert.NotNull(value.Reveal(Key));
            writer.WriteStringValue(value.ToToken().Split('.')[^1]);
        }
    }
}
