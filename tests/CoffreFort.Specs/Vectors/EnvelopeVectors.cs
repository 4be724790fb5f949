using System.Security.Cryptography;
using System.Text;
using System.Text.Json.Nodes;
using CoffreFort.Cryptography;

namespace CoffreFort.Specs.Vectors;

/// <summary>Personal fields of events (docs/spec/keys.md §4), made from the primitives alone.</summary>
internal static class EnvelopeVectors
{
    private static readonly byte[] s_key = Seeded.Bytes("subject key", 32), s_field = "Ada Lovelace"u8.ToArray();
    private static readonly Guid s_keyId = Seeded.Id("subject");
    private static readonly FieldCoordinates s_place = new(Seeded.Id("event"), "document_deposited.v1", Seeded.Id("stream"), 7);

    public static IEnumerable<Vector> All() => [.. Whole(), .. Moved(), .. Damaged(), .. OtherConstructions()];

    private static IEnumerable<Vector> Whole()
    {
        yield return Opens("field", "A name.", s_field);
        yield return Opens("empty", "Nothing: 49 bytes.", []);
        yield return Opens("json", "Several fields in one envelope.", """{"title":"Avis d’imposition 2025","fileName":"avis.pdf"}"""u8.ToArray());
        yield return Opens("long", "A field of 10,000 bytes.", Seeded.Bytes("long field", 10_000));
        yield return Opens("binary", "A field that is no text.", [0, 255, 254, 0]);
    }

    private static IEnumerable<Vector> Moved()
    {
        var sealedField = Seal(s_field);
        (string Name, string What, FieldCoordinates At)[] places =
        [
            ("event", "event", s_place with { EventId = Seeded.Id("another") }), ("type", "type of event", s_place with { Type = "document_deposited.v2" }),
            ("type-empty", "type of event: none", s_place with { Type = "" }), ("stream", "stream", s_place with { StreamId = Seeded.Id("another") }),
            ("version", "version of its stream", s_place with { Version = 8 }),
        ];
        foreach (var (name, what, at) in places) yield return Refused($"moved-{name}", $"It was sealed for another {what}.", sealedField, With(s_key, s_keyId, 2, at));
        yield return Refused("other-key", "The key is another one.", sealedField, With(Seeded.Bytes("another", 32), s_keyId, 2, s_place));
        yield return Refused("other-key-id", "It names another key.", sealedField, With(s_key, Seeded.Id("another"), 2, s_place));
        yield return Refused("other-generation", "It names another generation of the key.", sealedField, With(s_key, s_keyId, 3, s_place));
        yield return Refused("key-16", "The key has 16 bytes.", sealedField, With(s_key[..16], s_keyId, 2, s_place));
    }

    private static IEnumerable<Vector> Damaged()
    {
        var sealedField = Seal(s_field);
        (string Name, string What, int At)[] places =
        [
            ("format", "the format's number", 0), ("key-id", "the key's id", 1), ("generation", "the generation", 20), ("nonce-first", "the nonce's first byte", 21),
            ("nonce-last", "the nonce's last byte", 32), ("field-first", "the field's first byte", 33), ("field-last", "the field's last byte", -17), ("tag-first", "the tag's first byte", -16),
            ("tag-last", "the tag's last byte", -1),
        ];
        foreach (var (name, what, at) in places) yield return Refused($"flip-{name}", $"A bit is another one in {what}.", sealedField.Flip(at, 2));
        foreach (var length in new[] { 0, 1, 20, 21, 33, 48, 60 }) yield return Refused($"length-{length}", $"Only the first {length} bytes.", sealedField[..length]);
        yield return Refused("longer", "A byte follows.", [.. sealedField, 0]);
        yield return Refused("format-0", "The format's number is 0.", [0, .. sealedField[1..]]);
        yield return Refused("format-2", "The format's number is 2.", [2, .. sealedField[1..]]);
    }

    private static IEnumerable<Vector> OtherConstructions()
    {
        yield return Refused("under-the-subject-key", "Sealed under the subject key itself, without the event's key.", Seal(s_field, key: s_key));
        yield return Refused("other-label", "The event's key was derived with another label.", Seal(s_field, label: "coffrefort/event/v2"));
        yield return Refused("without-associated-data", "Sealed without associated data.", Seal(s_field, associated: []));
        yield return Refused("header-as-associated-data", "Its header is the associated data.", Seal(s_field, associated: Header()));
        yield return Refused("version-32-bits", "The stream's version has 4 bytes.", Seal(s_field, associated: [.. Associated()[..^8], 0, 0, 0, 7]));
        yield return Refused("no-separator", "The type is not ended by a zero.", Seal(s_field, associated: [.. "document_deposited.v1"u8, .. Associated()[22..]]));
        yield return Refused("tag-of-12", "The tag has 12 bytes.", Seal(s_field)[..^4]);
    }

    private static Vector Opens(string name, string about, byte[] field) => new("personal-envelope", name, about, null, field, With(s_key, s_keyId, 2, s_place), Seal(field));

    private static Vector Refused(string name, string about, byte[] envelope, JsonObject? with = null) =>
        new("personal-envelope", name, about, nameof(CryptographicFailure), [], with ?? With(s_key, s_keyId, 2, s_place), envelope);

    private static JsonObject With(byte[] key, Guid keyId, uint generation, FieldCoordinates at) => new()
    {
        ["subjectKey"] = Seeded.Hex(key),
        ["keyId"] = keyId,
        ["generation"] = generation,
        ["event"] = at.EventId,
        ["type"] = at.Type,
        ["stream"] = at.StreamId,
        ["version"] = at.Version,
    };

    private static byte[] Header() => [1, .. s_keyId.ToByteArray(bigEndian: true), 0, 0, 0, 2];

    private static byte[] Associated() => [.. Encoding.UTF8.GetBytes(s_place.Type), 0, .. s_place.StreamId.ToByteArray(bigEndian: true), 0, 0, 0, 0, 0, 0, 0, 7];

    private static byte[] Seal(byte[] field, byte[]? key = null, string label = "coffrefort/event/v1", byte[]? associated = null)
    {
        key ??= HKDF.Expand(HashAlgorithmName.SHA256, s_key, 32, [.. Encoding.ASCII.GetBytes(label), 0, .. s_place.EventId.ToByteArray(bigEndian: true)]);
        using var cipher = new AesGcm(key, 16);
        var (nonce, ciphertext, tag) = (Seeded.Bytes("nonce", 12), new byte[field.Length], new byte[16]);
        cipher.Encrypt(nonce, field, ciphertext, tag, associated ?? Associated());
        return [.. Header(), .. nonce, .. ciphertext, .. tag];
    }
}
