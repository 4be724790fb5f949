using System.Buffers.Binary;
using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>Keys on P-256 and P-384, points in their one uncompressed form, and the agreed key of RFC 5753 (docs/spec/sealed-copy.md §5.2).</summary>
internal static class EllipticKey
{
    private const byte Uncompressed = 4;
    private const int WrappingKeyBits = 256;

    /// <summary>The curve's identifier; null for any but the two, and for parameters that are not a name.</summary>
    public static string? CurveOf(PublicKey key)
    {
        try
        {
            var reader = new AsnReader(key.EncodedParameters?.RawData ?? [], AsnEncodingRules.DER);
            return reader.ReadObjectIdentifier() is (CmsOid.P256 or CmsOid.P384) and var curve && !reader.HasData ? curve : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    public static ECCurve Named(string curve) => ECCurve.CreateFromValue(curve);

    public static int CoordinateLength(string curve) => curve == CmsOid.P256 ? 32 : 48;

    public static byte[] Encode(ECPoint point) => [Uncompressed, .. point.X!, .. point.Y!];

    /// <summary>Null unless it is the uncompressed form of a point on the curve.</summary>
    public static ECDiffieHellman? Decode(string curve, ReadOnlySpan<byte> point)
    {
        var length = CoordinateLength(curve);
        if (point.Length != 1 + 2 * length || point[0] != Uncompressed) return null;
        var parameters = new ECParameters { Curve = Named(curve), Q = { X = point.Slice(1, length).ToArray(), Y = point[(1 + length)..].ToArray() } };
        try
        {
            return ECDiffieHellman.Create(parameters);
        }
        catch (CryptographicException)
        {
            return null;
        }
    }

    /// <summary>X9.63 with SHA-256 over the shared secret; one round gives the 32 bytes of a wrapping key.</summary>
    public static byte[] Agree(ECDiffieHellman own, ECDiffieHellman other)
    {
        using var theirs = other.PublicKey;
        return own.DeriveKeyFromHash(theirs, HashAlgorithmName.SHA256, secretPrepend: null, secretAppend: [0, 0, 0, 1, .. SharedInformation()]);
    }

    /// <summary>ECC-CMS-SharedInfo without user keying material: the wrap's algorithm, and the wrapping key's length in bits.</summary>
    private static byte[] SharedInformation()
    {
        var length = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(length, WrappingKeyBits);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteBareAlgorithm(CmsOid.Aes256Wrap);
            using (writer.PushSequence(StrictReading.Context2)) writer.WriteOctetString(length);
        }

        return writer.Encode();
    }
}
