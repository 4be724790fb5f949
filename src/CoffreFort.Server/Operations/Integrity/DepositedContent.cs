using System.Text.Json;
using System.Text.RegularExpressions;

namespace CoffreFort.Server.Operations.Integrity;

/// <summary>What one event says of stored content, as text: a damaged event must not end a check.</summary>
internal sealed partial record DepositedContent(long Position, Guid Document, string Version, string Blob, string Length, string Sha256)
{
    /// <summary>The JSON holds an escaped NUL, at which PostgreSQL's own functions fail.</summary>
    public bool HoldsNul { get; private init; }

    /// <summary>Reads an event's JSON. What is not there, or not JSON at all, comes out empty.</summary>
    public static DepositedContent Read(long position, Guid document, ReadOnlyMemory<byte> data)
    {
        var holdsNul = data.Span.IndexOf("\\u0000"u8) >= 0 && EscapedNul().IsMatch(System.Text.Encoding.UTF8.GetString(data.Span));
        try
        {
            using var json = JsonDocument.Parse(data);
            var content = Member(json.RootElement, "content");
            var (blob, length, sha256) = (Text(Member(content, "blob")), Text(Member(content, "sealedSize")), Text(Member(content, "ciphertextSha256")));
            return new DepositedContent(position, document, Text(Member(json.RootElement, "number")) ?? "1", blob ?? "", length ?? "", sha256 ?? "") { HoldsNul = holdsNul };
        }
        catch (Exception damaged) when (damaged is JsonException or InvalidOperationException)
        {
            return new DepositedContent(position, document, "", "", "", "") { HoldsNul = holdsNul };
        }
    }

    private static JsonElement? Member(JsonElement? of, string name) =>
        of is { ValueKind: JsonValueKind.Object } element && element.TryGetProperty(name, out var member) ? member : null;

    /// <summary>As PostgreSQL can take it: without NUL.</summary>
    private static string? Text(JsonElement? element) => element?.ValueKind switch
    {
        null or JsonValueKind.Null => null,
        JsonValueKind.String => element.Value.GetString()!.Replace('\0', '\uFFFD'),
        _ => element.Value.GetRawText(),
    };

    // Behind an odd number of backslashes it is a backslash and the letters u0000.
    [GeneratedRegex(@"(?<!\\)(\\\\)*\\u0000")]
    private static partial Regex EscapedNul();
}
