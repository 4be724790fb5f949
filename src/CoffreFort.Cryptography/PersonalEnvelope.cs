using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace CoffreFort.Cryptography;

/// <summary>
/// Seals personal fields inside events, so that erasing one key erases them from a journal that never changes (docs/spec/keys.md §5).
/// </summary>
/// <remarks>
/// An envelope is bound to its event, the event's type, stream and version. It is <b>not</b> bound to a field's name: whoever can
/// write the event could swap two envelopes within it. In the journal the event's leaf hash covers names and envelopes together; a
/// projection has no such cover, so an event with several personal fields should seal them as one envelope. All members are thread safe.
/// </remarks>
public static class PersonalEnvelope
{
    private const byte FormatVersion = 1;
    private const int HeaderLength = 1 + 16 + 4;
    private const int NonceLength = 12;
    private const int TagLength = 16;
    private const int KeyLength = 32;

    /// <summary>What an envelope adds to its plaintext, in bytes.</summary>
    public const int Overhead = HeaderLength + NonceLength + TagLength;

    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private static ReadOnlySpan<byte> Label => "coffrefort/event/v1"u8;

    /// <summary>Seals one field, or all personal fields of the event together.</summary>
    /// <param name="subjectKey">The subject key, 32 bytes.</param>
    /// <param name="keyId">Its id, written into the envelope.</param>
    /// <param name="generation">Its generation, written into the envelope.</param>
    /// <param name="at">Where the field stands.</param>
    /// <param name="plaintext">The field; may be empty.</param>
    /// <returns>The envelope, <see cref="Overhead"/> bytes longer; a fresh nonce makes each one different.</returns>
    /// <exception cref="CryptographicFailure">The key has another length.</exception>
    public static byte[] Seal(SecretKey subjectKey, Guid keyId, uint generation, FieldCoordinates at, ReadOnlySpan<byte> plaintext)
    {
        using var aes = CreateCipher(subjectKey, at.EventId);
        var envelope = new byte[Overhead + plaintext.Length];
        new ByteLayout(envelope.AsSpan(0, HeaderLength)).Byte(FormatVersion).Uuid(keyId).UInt32(generation).End();
        var nonce = envelope.AsSpan(HeaderLength, NonceLength);
        RandomNumberGenerator.Fill(nonce);
        aes.Encrypt(nonce, plaintext, envelope.AsSpan(HeaderLength + NonceLength, plaintext.Length), envelope.AsSpan(^TagLength..), AssociatedData(at));
        return envelope;
    }

    /// <summary>Opens an envelope.</summary>
    /// <param name="subjectKey">The subject key, 32 bytes.</param>
    /// <param name="keyId">The id of this key; the envelope must name it.</param>
    /// <param name="generation">The generation of this key; the envelope must name it.</param>
    /// <param name="at">Where the field stands.</param>
    /// <param name="envelope">The envelope.</param>
    /// <returns>The plaintext; clearing it is the caller's business.</returns>
    /// <exception cref="CryptographicFailure">It is not an envelope sealed under this key for this place.</exception>
    public static byte[] Open(SecretKey subjectKey, Guid keyId, uint generation, FieldCoordinates at, ReadOnlySpan<byte> envelope)
    {
        if (!TryReadHeader(envelope, out var header) || header != new PersonalEnvelopeHeader(keyId, generation))
            throw new CryptographicFailure();
        using var aes = CreateCipher(subjectKey, at.EventId);
        var plaintext = new byte[envelope.Length - Overhead];
        var sealedField = envelope[(HeaderLength + NonceLength)..];
        try
        {
            aes.Decrypt(envelope.Slice(HeaderLength, NonceLength), sealedField[..plaintext.Length], sealedField[plaintext.Length..], plaintext, AssociatedData(at));
        }
        catch (CryptographicException)
        {
            throw new CryptographicFailure();
        }
        return plaintext;
    }

    /// <summary>Reads which key an envelope needs, without having it.</summary>
    /// <returns>False when the bytes are no envelope of this format.</returns>
    public static bool TryReadHeader(ReadOnlySpan<byte> envelope, out PersonalEnvelopeHeader header)
    {
        header = default;
        if (envelope.Length < Overhead || envelope[0] != FormatVersion)
            return false;
        header = new(new Guid(envelope.Slice(1, 16), bigEndian: true), BinaryPrimitives.ReadUInt32BigEndian(envelope[17..]));
        return true;
    }

    // One key an event: the random nonce has only the few fields of one event to keep apart.
    private static AesGcm CreateCipher(SecretKey subjectKey, Guid eventId)
    {
        ArgumentNullException.ThrowIfNull(subjectKey);
        if (subjectKey.Length != KeyLength)
            throw new CryptographicFailure();
        Span<byte> info = stackalloc byte[Label.Length + 1 + 16];
        new ByteLayout(info).Label(Label).Uuid(eventId).End();
        Span<byte> key = stackalloc byte[KeyLength];
        HkdfExpand.Sha256(subjectKey.Bytes, info, key);
        var aes = new AesGcm(key, TagLength);
        CryptographicOperations.ZeroMemory(key);
        return aes;
    }

    private static byte[] AssociatedData(FieldCoordinates at)
    {
        var type = s_strictUtf8.GetBytes(at.Type);
        var data = new byte[type.Length + 1 + 16 + 8];
        new ByteLayout(data).Label(type).Uuid(at.StreamId).UInt64(at.Version).End();
        return data;
    }
}
