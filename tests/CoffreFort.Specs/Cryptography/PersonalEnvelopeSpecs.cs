using System.Security.Cryptography;
using CoffreFort.Cryptography;
using FsCheck;
using FsCheck.Fluent;

namespace CoffreFort.Specs.Cryptography;

public sealed class PersonalEnvelopeSpecs : IDisposable
{
    private static readonly Guid s_keyId = new("0190b2a4-7c00-7000-8000-00000000000a");
    private static readonly FieldCoordinates s_place = new(Guid.NewGuid(), "document_deposited.v1", Guid.NewGuid(), 7);

    private readonly SecretKey _key = SecretKey.Generate();

    public void Dispose() => _key.Dispose();

    [Fact]
    public void what_is_sealed_opens_at_its_place() => Prop.ForAll<byte[], uint>((field, generation) =>
    {
        var envelope = PersonalEnvelope.Seal(_key, s_keyId, generation, s_place, field);
        return envelope.Length == field.Length + PersonalEnvelope.Overhead
            && PersonalEnvelope.TryReadHeader(envelope, out var header)
            && header == new PersonalEnvelopeHeader(s_keyId, generation)
            && PersonalEnvelope.Open(_key, s_keyId, generation, s_place, envelope).AsSpan().SequenceEqual(field);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void an_envelope_is_the_published_construction()
    {
        var envelope = PersonalEnvelope.Seal(_key, s_keyId, 0x01020304, s_place, "Ada"u8);
        Assert.Equal([1, .. s_keyId.ToByteArray(bigEndian: true), 1, 2, 3, 4], envelope[..21]);

        byte[] info = [.. "coffrefort/event/v1\0"u8, .. s_place.EventId.ToByteArray(bigEndian: true)];
        byte[] aad = [.. "document_deposited.v1\0"u8, .. s_place.StreamId.ToByteArray(bigEndian: true), 0, 0, 0, 0, 0, 0, 0, 7];
        using var aes = new AesGcm(HKDF.Expand(HashAlgorithmName.SHA256, _key.Bytes.ToArray(), 32, info), 16);
        var field = new byte[3];
        aes.Decrypt(envelope[21..33], envelope[33..36], envelope[36..], field, aad);
        Assert.Equal("Ada"u8.ToArray(), field);
    }

    [Fact]
    [Trait("Requirement", "R-216")]
    public void an_envelope_moved_to_another_event_type_stream_or_version_is_refused()
    {
        var envelope = PersonalEnvelope.Seal(_key, s_keyId, 1, s_place, "Ada"u8);
        using var otherKey = SecretKey.Generate();
        FieldCoordinates[] elsewhere =
        [
            s_place with { EventId = Guid.NewGuid() }, s_place with { Type = "document_deposited.v2" }, s_place with { Type = "" },
            s_place with { StreamId = Guid.NewGuid() }, s_place with { Version = 8 },
        ];
        foreach (var place in elsewhere)
            Assert.Throws<CryptographicFailure>(() => PersonalEnvelope.Open(_key, s_keyId, 1, place, envelope));
        Assert.Throws<CryptographicFailure>(() => PersonalEnvelope.Open(otherKey, s_keyId, 1, s_place, envelope));
        Assert.Throws<CryptographicFailure>(() => PersonalEnvelope.Open(_key, s_keyId, 2, s_place, envelope));
        Assert.Throws<CryptographicFailure>(() => PersonalEnvelope.Open(_key, Guid.NewGuid(), 1, s_place, envelope));
    }

    [Fact]
    public void every_flipped_bit_and_every_shorter_length_is_refused()
    {
        var envelope = PersonalEnvelope.Seal(_key, s_keyId, 1, s_place, "Ada"u8);
        for (var bit = 0; bit < envelope.Length * 8; bit++)
        {
            var flipped = envelope.ToArray();
            flipped[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.Throws<CryptographicFailure>(() => PersonalEnvelope.Open(_key, s_keyId, 1, s_place, flipped));
        }
        for (var length = 0; length < envelope.Length; length++)
            Assert.Throws<CryptographicFailure>(() => PersonalEnvelope.Open(_key, s_keyId, 1, s_place, envelope.AsSpan(0, length)));
        Assert.False(PersonalEnvelope.TryReadHeader(envelope.AsSpan(0, 48), out _));
        Assert.False(PersonalEnvelope.TryReadHeader([2, .. envelope[1..]], out _));
    }

    [Fact]
    public void two_envelopes_of_the_same_field_differ() => Assert.NotEqual(
        PersonalEnvelope.Seal(_key, s_keyId, 1, s_place, "Ada"u8), PersonalEnvelope.Seal(_key, s_keyId, 1, s_place, "Ada"u8));
}
