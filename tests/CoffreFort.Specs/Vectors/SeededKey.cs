using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoffreFort.Transparency;

namespace CoffreFort.Specs.Vectors;

/// <summary>A P-256 or P-384 key that signs the same bytes the same way each time (ECDSA over SHA-256; the nonce is hashed from key and message, in the spirit of RFC 6979). For vectors only.</summary>
internal sealed class SeededKey
{
    private static readonly BigInteger s_order = BigInteger.Parse("0FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551", System.Globalization.NumberStyles.HexNumber, null);

    private readonly byte[] _d;
    private readonly ECCurve _curve;

    public SeededKey(string label, bool p384 = false)
    {
        _curve = p384 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256;
        _d = Seeded.Bytes(label, p384 ? 48 : 32);
        // Well below the order of both curves.
        _d[0] &= 0x7F;
    }

    public ECDsa Signing => ECDsa.Create(new ECParameters { Curve = _curve, D = _d });

    public ECDiffieHellman Agreement => ECDiffieHellman.Create(new ECParameters { Curve = _curve, D = _d });

    public NoteVerifierKey Verifier(string name)
    {
        using var key = Signing;
        return EcdsaNote.VerifierKey(name, key);
    }

    /// <summary>In DER.</summary>
    public byte[] Sign(ReadOnlySpan<byte> data, string salt = "")
    {
        var (r, s) = Pair(data, salt);
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            writer.WriteInteger(r);
            writer.WriteInteger(s);
        }

        return writer.Encode();
    }

    /// <summary>r and s alone, 32 bytes each.</summary>
    public byte[] SignPair(ReadOnlySpan<byte> data)
    {
        var (r, s) = Pair(data, "");
        return [.. Fixed(r), .. Fixed(s)];
    }

    private (BigInteger R, BigInteger S) Pair(ReadOnlySpan<byte> data, string salt)
    {
        var nonce = HMACSHA256.HashData(_d, (byte[])[.. SHA256.HashData(data), .. Encoding.UTF8.GetBytes(salt)]);
        nonce[0] &= 0x7F;
        using var point = ECDsa.Create(new ECParameters { Curve = ECCurve.NamedCurves.nistP256, D = nonce });
        var r = Number(point.ExportParameters(includePrivateParameters: false).Q.X!) % s_order;
        var inverse = BigInteger.ModPow(Number(nonce), s_order - 2, s_order);
        return (r, inverse * (Number(SHA256.HashData(data)) + r * Number(_d)) % s_order);
    }

    private static BigInteger Number(byte[] bytes) => new(bytes, isUnsigned: true, isBigEndian: true);

    private static byte[] Fixed(BigInteger number)
    {
        var bytes = number.ToByteArray(isUnsigned: true, isBigEndian: true);
        return [.. new byte[32 - bytes.Length], .. bytes];
    }
}

/// <summary>Lets the platform's certificate requests be signed by such a key.</summary>
internal sealed class SeededSignature(SeededKey key) : X509SignatureGenerator
{
    public override byte[] GetSignatureAlgorithmIdentifier(HashAlgorithmName hashAlgorithm)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence()) writer.WriteObjectIdentifier("1.2.840.10045.4.3.2");
        return writer.Encode();
    }

    public override byte[] SignData(byte[] data, HashAlgorithmName hashAlgorithm) => key.Sign(data);

    protected override PublicKey BuildPublicKey()
    {
        using var signing = key.Signing;
        return new PublicKey(signing);
    }
}
