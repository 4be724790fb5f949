using System.Formats.Asn1;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>What a signer's part (SignerInfo, RFC 5652 §5.3) holds that the platform keeps to itself, as slices of the message.</summary>
/// <param name="Hash">The identifier of what the content was hashed with.</param>
/// <param name="Attributes">The signed attributes as they stand there; empty for none.</param>
/// <param name="Parameters">The parameters of the signature's algorithm; empty for none.</param>
/// <param name="Signature">The signature.</param>
internal sealed record CmsSignerShape(string Hash, ReadOnlyMemory<byte> Attributes, ReadOnlyMemory<byte> Parameters, byte[] Signature)
{
    /// <exception cref="AsnContentException">It is not one.</exception>
    public static CmsSignerShape Read(ReadOnlyMemory<byte> signer)
    {
        var reader = new AsnReader(signer, AsnEncodingRules.BER).ReadSequence();
        reader.ReadInteger();
        reader.ReadEncodedValue();
        var hash = reader.ReadSequence().ReadObjectIdentifier();
        var attributes = reader.PeekTag().HasSameClassAndValue(StrictReading.Context0) ? reader.ReadEncodedValue() : default;
        var algorithm = reader.ReadSequence();
        algorithm.ReadObjectIdentifier();
        return new CmsSignerShape(hash, attributes, algorithm.HasData ? algorithm.ReadEncodedValue() : default, reader.ReadOctetString());
    }

    /// <summary>What was signed (RFC 5652 §5.4): the attributes as a SET of their own, as they came. They must be in DER also where the message around them is not.</summary>
    /// <exception cref="AsnContentException">They are not.</exception>
    public byte[] Signed()
    {
        // Some signers do not sort them; the platform and openssl take that too.
        new AsnReader(Attributes, AsnEncodingRules.DER).ReadSetOf(skipSortOrderValidation: true, StrictReading.Context0);
        return [(byte)UniversalTagNumber.Set | 0x20, .. Attributes.Span[1..]];
    }
}
