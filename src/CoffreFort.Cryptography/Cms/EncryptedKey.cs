using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>A content key encrypted for one recipient (docs/spec/sealed-copy.md §5): to an RSA key, or through an agreement with an ephemeral key.</summary>
/// <param name="Recipient">Whose it is.</param>
/// <param name="Ephemeral">The sender's ephemeral point; empty for RSA.</param>
/// <param name="Ciphertext">The encrypted or wrapped content key.</param>
internal sealed record EncryptedKey(RecipientName Recipient, ReadOnlyMemory<byte> Ephemeral, ReadOnlyMemory<byte> Ciphertext)
{
    public static EncryptedKey Seal(SecretKey contentKey, RecipientCertificate recipient)
    {
        var name = RecipientName.Of(recipient.Certificate);
        using var rsa = recipient.Certificate.GetRSAPublicKey();
        if (rsa is not null) return new EncryptedKey(name, default, rsa.Encrypt(contentKey.Bytes, RSAEncryptionPadding.OaepSHA256));
        var curve = EllipticKey.CurveOf(recipient.Certificate.PublicKey)!;
        using var theirs = EllipticKey.Decode(curve, recipient.Certificate.PublicKey.EncodedKeyValue.RawData)
            ?? throw new RecipientRefused(RecipientFault.Curve, "The certificate's key is not a point on its curve in uncompressed form.");
        using var ephemeral = ECDiffieHellman.Create(EllipticKey.Named(curve));
        var wrappingKey = EllipticKey.Agree(ephemeral, theirs);
        var wrapped = AesKeyWrap.Wrap(wrappingKey, contentKey.Bytes);
        CryptographicOperations.ZeroMemory(wrappingKey);
        return new EncryptedKey(name, EllipticKey.Encode(ephemeral.ExportParameters(includePrivateParameters: false).Q), wrapped);
    }

    /// <summary>Null when it does not decrypt: which step failed is nobody's business.</summary>
    /// <exception cref="CmsRefused">It is another recipient's, or the key is of a kind that nothing may be sealed for.</exception>
    public SecretKey? Open(X509Certificate2 recipient)
    {
        if (!Recipient.Names(recipient)) throw new CmsRefused(CmsFault.Recipient, $"This is sealed for another certificate: {Recipient}.");
        return Ephemeral.IsEmpty ? Decrypt(recipient) : Agree(recipient);
    }

    private SecretKey? Decrypt(X509Certificate2 recipient)
    {
        using var rsa = recipient.GetRSAPrivateKey();
        if (rsa is null) return null;
        if (rsa.KeySize < RecipientCertificate.ShortestRsaKey) throw new CmsRefused(CmsFault.Algorithm, $"An RSA key of {rsa.KeySize} bits is not allowed here.");
        Span<byte> key = stackalloc byte[rsa.KeySize / 8];
        try
        {
            return SecretKey.CopyOf(key[..rsa.Decrypt(Ciphertext.Span, key, RSAEncryptionPadding.OaepSHA256)]);
        }
        catch (Exception failure) when (failure is CryptographicException or ArgumentException)
        {
            return null;
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private SecretKey? Agree(X509Certificate2 recipient)
    {
        using var own = recipient.GetECDiffieHellmanPrivateKey();
        if (own is null) return null;
        var curve = EllipticKey.CurveOf(recipient.PublicKey) ?? throw new CmsRefused(CmsFault.Algorithm, "A key on this curve is not allowed here.");
        using var theirs = EllipticKey.Decode(curve, Ephemeral.Span);
        if (theirs is null) return null;
        var wrappingKey = EllipticKey.Agree(own, theirs);
        var key = AesKeyWrap.Unwrap(wrappingKey, Ciphertext.Span);
        CryptographicOperations.ZeroMemory(wrappingKey);
        return key;
    }

    public void Write(AsnWriter writer)
    {
        if (Ephemeral.IsEmpty) WriteTransport(writer);
        else WriteAgreement(writer);
    }

    public static EncryptedKey Read(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(StrictReading.Context1)
        ? StrictReading.Within(reader.ReadSequence(StrictReading.Context1), ReadAgreement)
        : StrictReading.Within(reader.ReadSequence(), ReadTransport);

    /// <summary>KeyTransRecipientInfo, RFC 5652 §6.2.1, with RSAES-OAEP (RFC 3560).</summary>
    private void WriteTransport(AsnWriter writer)
    {
        using (writer.PushSequence())
        {
            writer.WriteInteger(0);
            Recipient.WriteIssuerAndSerial(writer);
            OaepParameters.Write(writer);
            writer.WriteOctetString(Ciphertext.Span);
        }
    }

    private static EncryptedKey ReadTransport(AsnReader reader)
    {
        if (!reader.TryReadInt32(out var version) || version is not (0 or 2)) throw new AsnContentException();
        var name = version == 0 ? RecipientName.ReadIssuerAndSerial(reader) : RecipientName.ByKeyIdentifier(reader.ReadOctets(StrictReading.Context0));
        OaepParameters.Expect(reader);
        return new EncryptedKey(name, default, reader.ReadOctets());
    }

    /// <summary>KeyAgreeRecipientInfo, RFC 5652 §6.2.2, as RFC 5753 §3.1.1 has it.</summary>
    private void WriteAgreement(AsnWriter writer)
    {
        using (writer.PushSequence(StrictReading.Context1))
        {
            writer.WriteInteger(3);
            using (writer.PushSequence(StrictReading.Context0))
            using (writer.PushSequence(StrictReading.Context1))
            {
                writer.WriteBareAlgorithm(CmsOid.EcPublicKey);
                writer.WriteBitString(Ephemeral.Span);
            }

            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier(CmsOid.EcdhSha256Kdf);
                writer.WriteBareAlgorithm(CmsOid.Aes256Wrap);
            }

            using (writer.PushSequence())
            using (writer.PushSequence())
            {
                Recipient.WriteIssuerAndSerial(writer);
                writer.WriteOctetString(Ciphertext.Span);
            }
        }
    }

    private static EncryptedKey ReadAgreement(AsnReader reader)
    {
        reader.Expect(3);
        var point = StrictReading.Within(reader.ReadSequence(StrictReading.Context0), originator =>
            StrictReading.Within(originator.ReadSequence(StrictReading.Context1), ReadEphemeral));
        StrictReading.Within(reader.ReadSequence(), algorithm =>
        {
            algorithm.ExpectAlgorithm(CmsOid.EcdhSha256Kdf, "This key agreement");
            algorithm.ExpectBareAlgorithm(CmsOid.Aes256Wrap, "This key wrap");
            return true;
        });
        return StrictReading.Within(reader.ReadSequence(), keys => StrictReading.Within(keys.ReadSequence(), one => new EncryptedKey(ReadName(one), point, one.ReadOctets())));
    }

    private static ReadOnlyMemory<byte> ReadEphemeral(AsnReader reader)
    {
        StrictReading.Within(reader.ReadSequence(), algorithm =>
        {
            algorithm.ExpectAlgorithm(CmsOid.EcPublicKey, "This ephemeral key");
            algorithm.SkipNull();
            return true;
        });
        return reader.TryReadPrimitiveBitString(out var unused, out var point) && unused == 0 && !point.IsEmpty ? point : throw new AsnContentException();
    }

    private static RecipientName ReadName(AsnReader reader) => reader.PeekTag().HasSameClassAndValue(StrictReading.Context0)
        ? StrictReading.Within(reader.ReadSequence(StrictReading.Context0), identifier => RecipientName.ByKeyIdentifier(identifier.ReadOctets()))
        : RecipientName.ReadIssuerAndSerial(reader);
}
