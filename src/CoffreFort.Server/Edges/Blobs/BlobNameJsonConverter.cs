using System.Text.Json;
using System.Text.Json.Serialization;

namespace CoffreFort.Server.Edges.Blobs;

/// <summary>Writes a <see cref="BlobName"/> as its text: an event that names a blob must be readable without this code.</summary>
public sealed class BlobNameJsonConverter : JsonConverter<BlobName>
{
    public override BlobName Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && BlobName.TryParse(reader.GetString(), out var name)
            ? name
            : throw new JsonException("A blob name is a string of 32 lower-case hexadecimal digits.");

    public override void Write(Utf8JsonWriter writer, BlobName value, JsonSerializerOptions options) =>
        writer.WriteStringValue(value.ToString());
}
