using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server;

/// <summary>
/// A text that tells about a person: in the journal and in projections it exists only encrypted, under a key that erasure destroys.
/// </summary>
/// <remarks>
/// Before it is written it holds the text and the key; once read it holds the envelope and where its event stands, which is what
/// binds the one to the other. Two are equal when their texts, or their envelopes, are.
/// </remarks>
[JsonConverter(typeof(PersonalConverter))]
public sealed record Personal
{
    private readonly string? _text;
    private readonly string? _envelope;
    private readonly EventCoordinates? _at;

    private Personal(string? text, string? envelope, EventCoordinates? at) => (_text, _envelope, _at) = (text, envelope, at);

    /// <summary>A text that is not yet written, to be encrypted under <paramref name="key"/>.</summary>
    public static Personal Of(string text, SubjectKey key) => new(text, null, null) { Key = key };

    /// <summary>A text without a key: for specs of pure decisions; it can't be stored.</summary>
    public static Personal Of(string text) => new(text, null, null);

    /// <summary>As <see cref="ToToken"/> wrote it.</summary>
    public static Personal FromToken(string token)
    {
        var parts = token.Split('.');
        var at = new EventCoordinates(Guid.Parse(parts[1]), parts[0], Guid.Parse(parts[2]), long.Parse(parts[3], System.Globalization.CultureInfo.InvariantCulture));
        return new Personal(null, parts[4], at);
    }

    /// <summary>Whose key it needs: that of its own stream (a document's own texts) if the envelope says so, else the owner's.</summary>
    public Guid KeyOf(Guid owner) =>
        _at is { StreamId: var stream } && System.Buffers.Text.Base64Url.IsValid(_envelope) && PersonalEnvelope.TryReadHeader(FromBase64Url(_envelope!), out var header)
            && header.KeyId == stream ? stream : owner;

    /// <summary>The version, in its stream, of the event that it was read from; null when it is not yet written.</summary>
    public long? EventVersion => _at?.Version;

    /// <summary>How long the text is in UTF-8, in bytes: known also without the key.</summary>
    public int Length => _text is not null ? Encoding.UTF8.GetByteCount(_text) : Math.Max(0, System.Buffers.Text.Base64Url.GetMaxDecodedLength(_envelope!.Length) - PersonalEnvelope.Overhead);

    // Not part of what a text is: two equal texts stay equal under two keys.
    private SubjectKey? Key { get; init; }

    /// <summary>The text; null when its key was destroyed: it was erased, and that is an answer, not a failure.</summary>
    public string? Reveal(SubjectKey? key)
    {
        if (_text is not null) return _text;
        if (key is null) return null;
        var at = _at ?? throw new InvalidOperationException("This text was read outside its event.");
        var envelope = FromBase64Url(_envelope!);
        // Texts of a generation that is not there are refused, not erased: erasure takes all generations together.
        if (!PersonalEnvelope.TryReadHeader(envelope, out var header) || key.Of(header.Generation) is not { } secret) throw new CryptographicFailure();
        var plain = PersonalEnvelope.Open(secret, key.Owner, header.Generation, new FieldCoordinates(at.EventId, at.Type, at.StreamId, checked((ulong)at.Version)), envelope);
        return Encoding.UTF8.GetString(plain);
    }

    /// <summary>The envelope with its event's coordinates, for a projection's column.</summary>
    public string ToToken()
    {
        var at = _at ?? throw new InvalidOperationException("Only a text that was read from the journal can be projected.");
        return FormattableString.Invariant($"{at.Type}.{at.EventId:N}.{at.StreamId:N}.{at.Version}.{_envelope}");
    }

    public bool Equals(Personal? other) => other is not null && other._text == _text && other._envelope == _envelope;

    public override int GetHashCode() => HashCode.Combine(_text, _envelope);

    /// <summary>Never the text: what is logged by accident tells nothing.</summary>
    public override string ToString() => "(personal)";

    private string Seal(EventCoordinates at)
    {
        if (_envelope is not null) throw new InvalidOperationException("A personal text belongs to one event; it can't be copied to another.");
        var key = Key ?? throw new InvalidOperationException("A personal text without a key can't be stored.");
        if (at.Version < 1) throw new InvalidOperationException("An event with personal texts must be appended at a known version.");
        var field = new FieldCoordinates(at.EventId, at.Type, at.StreamId, checked((ulong)at.Version));
        return System.Buffers.Text.Base64Url.EncodeToString(
            PersonalEnvelope.Seal(key.Secret, key.Owner, key.Generation, field, Encoding.UTF8.GetBytes(_text!)));
    }

    private static byte[] FromBase64Url(string text) => System.Buffers.Text.Base64Url.DecodeFromChars(text);

    private sealed class PersonalConverter : JsonConverter<Personal>
    {
        public override Personal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            new(null, reader.GetString(), EventCoordinates.Current);

        public override void Write(Utf8JsonWriter writer, Personal value, JsonSerializerOptions options) =>
            writer.WriteStringValue(value.Seal(EventCoordinates.Current
                ?? throw new InvalidOperationException("A personal text is written only as part of an event.")));
    }
}
