using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>AuthEnvelopedData (RFC 5083) with AES-256-GCM (RFC 5084) for one recipient (docs/spec/sealed-copy.md §4).</summary>
/// <param name="Key">The content key, encrypted for the recipient.</param>
/// <param name="Nonce">12 bytes.</param>
/// <param name="Ciphertext">As long as the content.</param>
/// <param name="Tag">16 bytes.</param>
internal sealed record Envelope(EncryptedKey Key, ReadOnlyMemory<byte> Nonce, ReadOnlyMemory<byte> Ciphertext, ReadOnlyMemory<byte> Tag)
{
    private const int NonceLength = 12;
    private const int TagLength = 16;

    /// <summary>Encrypts under a key that is used this once.</summary>
    public static Envelope Seal(ReadOnlySpan<byte> content, RecipientCertificate recipient)
    {
        using var key = SecretKey.Generate();
        var nonce = RandomNumberGenerator.GetBytes(NonceLength);
        var ciphertext = new byte[content.Length];
        var tag = new byte[TagLength];
        using var cipher = new AesGcm(key.Bytes, TagLength);
        cipher.Encrypt(nonce, content, ciphertext, tag);
        return new Envelope(EncryptedKey.Seal(key, recipient), nonce, ciphertext, tag);
    }

    /// <summary>The content, once its tag was checked. Clearing it is the caller's business.</summary>
    /// <exception cref="CmsRefused">It is another recipient's, or does not open.</exception>
    public byte[] Open(X509Certificate2 recipient)
    {
        using var key = Key.Open(recipient);
        if (key?.Length == SecretKey.StandardLength)
        {
            var content = new byte[Ciphertext.Length];
            try
            {
                using var cipher = new AesGcm(key.Bytes, TagLength);
                cipher.Decrypt(Nonce.Span, Ciphertext.Span, Tag.Span, content);
                return content;
            }
            catch (AuthenticationTagMismatchException)
            {
                CryptographicOperations.ZeroMemory(content);
            }
        }

        throw new CmsRefused(CmsFault.Envelope, "This does not open: it is damaged, or the key is not the one that it was sealed for.");
    }

    /// <summary>As a ContentInfo, which <c>openssl cms -decrypt</c> takes.</summary>
    public byte[] Encode()
    {
        var writer = new AsnWriter(AsnEncodingRules.DER, Ciphertext.Length + 2048);
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOid.AuthEnvelopedData);
            using (writer.PushSequence(StrictReading.Context0))
            using (writer.PushSequence())
            {
                writer.WriteInteger(0);
                using (writer.PushSetOf()) Key.Write(writer);
                WriteContent(writer);
                writer.WriteOctetString(Tag.Span);
            }
        }

        return writer.Encode();
    }

    /// <exception cref="CmsRefused">It is not an envelope of the one form.</exception>
    public static Envelope Read(ReadOnlyMemory<byte> contentInfo) => StrictReading.Read(contentInfo, "a sealed envelope", outer =>
        StrictReading.Within(outer.ReadSequence(), info =>
        {
            info.ExpectAlgorithm(CmsOid.AuthEnvelopedData, "Encryption without a tag (RFC 5083)");
            return StrictReading.Within(info.ReadSequence(StrictReading.Context0), content => StrictReading.Within(content.ReadSequence(), ReadData));
        }));

    private void WriteContent(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(CmsOid.Data);
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(CmsOid.Aes256Gcm);
                using (writer.PushSequence())
                {
                    writer.WriteOctetString(Nonce.Span);
                    writer.WriteInteger(TagLength);
                }
            }

            writer.WriteOctetString(Ciphertext.Span, StrictReading.Context0);
        }
    }

    private static Envelope ReadData(AsnReader reader)
    {
        reader.Expect(0);
        var key = StrictReading.Within(reader.ReadSetOf(), EncryptedKey.Read);
        var (nonce, ciphertext) = StrictReading.Within(reader.ReadSequence(), content =>
        {
            if (content.ReadObjectIdentifier() != CmsOid.Data) throw new AsnContentException();
            return (StrictReading.Within(content.ReadSequence(), ReadNonce), content.ReadOctets(StrictReading.Context0));
        });
        var tag = reader.ReadOctets();
        return tag.Length == TagLength ? new Envelope(key, nonce, ciphertext, tag) : throw new AsnContentException();
    }

    private static ReadOnlyMemory<byte> ReadNonce(AsnReader algorithm)
    {
        algorithm.ExpectAlgorithm(CmsOid.Aes256Gcm, "A cipher other than AES-256-GCM");
        return StrictReading.Within(algorithm.ReadSequence(), parameters =>
        {
            var nonce = parameters.ReadOctets();
            parameters.Expect(TagLength);
            return nonce.Length == NonceLength ? nonce : throw new AsnContentException();
        });
    }
}
