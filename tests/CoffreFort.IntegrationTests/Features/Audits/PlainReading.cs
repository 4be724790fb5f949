using System.Text.Json.Nodes;
using CoffreFort.EventStore;

namespace CoffreFort.IntegrationTests.Features.Audits;

/// <summary>How a vault stood, read from the stored JSON of the whole journal with nothing of the server's own folding.</summary>
internal sealed class PlainReading
{
    private readonly Dictionary<Guid, JsonNode> _granted = [];
    private readonly Dictionary<Guid, int> _used = [];
    private readonly HashSet<Guid> _revoked = [];
    private readonly Dictionary<Guid, (string Type, int Versions)> _documents = [];
    private readonly Dictionary<(Guid Agency, string Procedure), string[]> _habilitations = [];

    // Announced postings that have neither taken effect nor been cancelled, with their day.
    private readonly Dictionary<Guid, DateOnly> _announced = [];

    public long Position { get; private set; }

    public SortedSet<string> Documents { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Consents { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Readers { get; } = new(StringComparer.Ordinal);

    public SortedSet<string> Reads { get; } = new(StringComparer.Ordinal);

    public static PlainReading Of(IEnumerable<StoredEvent> prefix, Guid vault, DateTimeOffset at)
    {
        var reading = new PlainReading();
        foreach (var stored in prefix) reading.Take(stored, JsonNode.Parse(stored.Data.Span)!, vault);
        foreach (var (id, granted) in reading._granted) reading.Conclude(id, granted, at);
        return reading;
    }

    private void Take(StoredEvent stored, JsonNode body, Guid vault)
    {
        Position = stored.Position;
        switch (stored.Type)
        {
            case "document_deposited" when Id(body["vault"]) == vault:
                _documents[stored.StreamId] = ((string)body["evidenceType"]!, 1);
                Documents.Add($"{stored.StreamId} 1");
                break;
            case "version_deposited" when _documents.TryGetValue(stored.StreamId, out var known):
                _documents[stored.StreamId] = known with { Versions = (int)body["number"]! };
                Documents.Add($"{stored.StreamId} {body["number"]}");
                break;
            case "consent_granted" when Id(body["vault"]) == vault:
                _granted[stored.StreamId] = body;
                _used[stored.StreamId] = 0;
                break;
            case "evidence_read" when _granted.ContainsKey(stored.StreamId):
                _used[stored.StreamId]++;
                Reads.Add($"{stored.Position} {body["document"]} {stored.StreamId}");
                break;
            case "consent_revoked":
                _revoked.Add(stored.StreamId);
                break;
            case "mutation_announced" when Id(body["vault"]) == vault:
                _announced[stored.StreamId] = DateOnly.Parse((string)body["effectiveOn"]!, System.Globalization.CultureInfo.InvariantCulture);
                break;
            case "mutation_took_effect" or "mutation_cancelled":
                _announced.Remove(stored.StreamId);
                break;
            case "procedure_declared":
                _habilitations[(stored.StreamId, (string)body["procedure"]!)] = [.. body["evidenceTypes"]!.AsArray().Select(type => (string)type!)];
                break;
        }
    }

    private void Conclude(Guid id, JsonNode granted, DateTimeOffset at)
    {
        var usedUp = granted["uses"] is { } uses && _used[id] >= (int)uses;
        var state = _revoked.Contains(id) ? "revoked" : Instant(granted["until"]) <= at ? "expired" : usedUp ? "used-up" : "active";
        Consents.Add($"{id} {state} {_used[id]}");
        // Between a due posting's announcement and its effect nobody reads under what it is about to end.
        var due = _announced.Values.Any(day => day <= DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeBySystemTimeZoneId(at, "Europe/Paris").DateTime));
        if (state != "active" || (due && (bool)granted["tiedToPosting"]!)) return;
        var may = _habilitations[(Id(granted["grantee"]), (string)granted["procedure"]!)];
        foreach (var (document, (type, versions)) in _documents.Where(document => may.Contains(document.Value.Type)))
        {
            var named = granted["pieces"]!.AsArray().Where(piece => Id(piece!["document"]) == document).Select(piece => (int)piece!["version"]!);
            var standing = granted["evidenceTypes"]!.AsArray().Any(one => (string)one! == type) ? [versions] : Array.Empty<int>();
            foreach (var version in named.Concat(standing)) Readers.Add($"{granted["grantee"]} {document} {version} {id}");
        }
    }

    private static Guid Id(JsonNode? node) => Guid.Parse((string)node!);

    private static DateTimeOffset Instant(JsonNode? node) => DateTimeOffset.Parse((string)node!, System.Globalization.CultureInfo.InvariantCulture);
}
