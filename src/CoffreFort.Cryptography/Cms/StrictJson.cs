using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoffreFort.Cryptography.Cms;

/// <summary>Signed JSON: each property named, once, and none that the format does not have.</summary>
internal static class StrictJson
{
    private static readonly JsonSerializerOptions s_options = new(JsonSerializerOptions.Strict)
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
        // It is never shown by a browser, and file names should be read in it.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        MaxDepth = 4,
        Converters = { new Instant() },
    };

    /// <summary>UTF-8; may hold secrets, clearing it is the caller's business.</summary>
    public static byte[] Write<T>(T value) => JsonSerializer.SerializeToUtf8Bytes(value, s_options);

    /// <exception cref="CmsRefused">It is not exactly that.</exception>
    public static T Read<T>(ReadOnlySpan<byte> json) where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, s_options) ?? throw new JsonException();
        }
        catch (JsonException)
        {
            throw Refused("it is not the JSON that the specification gives");
        }
    }

    public static CmsRefused Refused(string why) => new(CmsFault.Content, $"What was signed is not in the form it must have: {why}.");

    /// <summary>In UTC, with a Z, and read in no other way.</summary>
    private sealed class Instant : JsonConverter<DateTimeOffset>
    {
        public override DateTimeOffset Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && reader.TryGetDateTime(out var time) && time.Kind == DateTimeKind.Utc ? new DateTimeOffset(time) : throw new JsonException();

        public override void Write(Utf8JsonWriter writer, DateTimeOffset value, JsonSerializerOptions options) => writer.WriteStringValue(value.UtcDateTime);
    }
}
