using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>Which hashes, algorithms and keys still prove something (docs/spec/issuer-signature.md §5.1).</summary>
internal static class SignatureStrength
{
    private const int ShortestRsaKey = 2048;
    private const int LongestRsaKey = 8192;
    private const int LongestExponent = 4;
    private const string Pss = "1.2.840.113549.1.1.10";

    private static readonly Dictionary<string, HashAlgorithmName> s_hashes = new()
    {
        [CmsOid.Sha256] = HashAlgorithmName.SHA256, ["2.16.840.1.101.3.4.2.2"] = HashAlgorithmName.SHA384, ["2.16.840.1.101.3.4.2.3"] = HashAlgorithmName.SHA512,
    };

    /// <summary>Algorithms that name their hash; the two others have it said beside them.</summary>
    private static readonly Dictionary<string, HashAlgorithmName> s_named = new()
    {
        ["1.2.840.113549.1.1.11"] = HashAlgorithmName.SHA256, ["1.2.840.113549.1.1.12"] = HashAlgorithmName.SHA384, ["1.2.840.113549.1.1.13"] = HashAlgorithmName.SHA512,
        [CmsOid.EcdsaWithSha256] = HashAlgorithmName.SHA256, ["1.2.840.10045.4.3.3"] = HashAlgorithmName.SHA384, ["1.2.840.10045.4.3.4"] = HashAlgorithmName.SHA512,
    };

    private static readonly HashSet<string> s_rsa = [CmsOid.RsaEncryption, Pss, "1.2.840.113549.1.1.11", "1.2.840.113549.1.1.12", "1.2.840.113549.1.1.13"];
    private static readonly HashSet<string> s_elliptic = [CmsOid.EcdsaWithSha256, "1.2.840.10045.4.3.3", "1.2.840.10045.4.3.4"];

    /// <summary>A hash by its identifier; null for one that proves nothing.</summary>
    public static HashAlgorithmName? Hash(string identifier) => s_hashes.TryGetValue(identifier, out var hash) ? hash : null;

    /// <summary>What the content was hashed with; null when that is too weak, or the parameters of a PSS signature say something else.</summary>
    public static HashAlgorithmName? HashOf(SignerInfo info, ReadOnlyMemory<byte> parameters) =>
        Hash(info.DigestAlgorithm.Value!) is { } hash && (info.SignatureAlgorithm.Value != Pss || PssHash(parameters) == info.DigestAlgorithm.Value) ? hash : null;

    /// <summary>Whether a signature by this key and algorithm counts.</summary>
    public static bool IsStrong(PublicKey key, string algorithm) => key.Oid.Value switch
    {
        CmsOid.RsaEncryption => s_rsa.Contains(algorithm) && IsStrong(key.GetRSAPublicKey()!),
        CmsOid.EcPublicKey => s_elliptic.Contains(algorithm) && EllipticKey.CurveOf(key) is not null,
        _ => false,
    };

    /// <summary>Whether a signature of an algorithm that counts (<see cref="IsStrong(PublicKey, string)"/>) holds.</summary>
    /// <param name="key">The signer's.</param>
    /// <param name="algorithm">The signature's.</param>
    /// <param name="hash">What the signer says that it was hashed with: the algorithm may name no other.</param>
    /// <param name="signed">What it is over.</param>
    /// <param name="signature">The signature.</param>
    public static bool Holds(PublicKey key, string algorithm, HashAlgorithmName hash, byte[] signed, byte[] signature)
    {
        if (s_named.TryGetValue(algorithm, out var named) && named != hash) return false;
        if (key.Oid.Value == CmsOid.EcPublicKey)
        {
            using var curve = key.GetECDsaPublicKey()!;
            return curve.VerifyData(signed, signature, hash, DSASignatureFormat.Rfc3279DerSequence);
        }

        using var rsa = key.GetRSAPublicKey()!;
        return rsa.VerifyData(signed, signature, hash, algorithm == Pss ? RSASignaturePadding.Pss : RSASignaturePadding.Pkcs1);
    }

    /// <summary>Whether a certificate's own signature counts, by a key that does. A PSS signature's hash is in its parameters.</summary>
    public static bool IsCertifiedStrongly(X509Certificate2 certificate)
    {
        var algorithm = certificate.SignatureAlgorithm.Value!;
        if (algorithm == CmsOid.RsaEncryption) return false;
        return algorithm == Pss ? PssHash(PssParametersOf(certificate)) is not null : s_rsa.Contains(algorithm) || s_elliptic.Contains(algorithm);
    }

    public static bool HasStrongKey(X509Certificate2 certificate) =>
        IsStrong(certificate.PublicKey, certificate.PublicKey.Oid.Value == CmsOid.EcPublicKey ? CmsOid.EcdsaWithSha256 : CmsOid.RsaEncryption);

    private static bool IsStrong(RSA rsa)
    {
        using (rsa)
        {
            // An exponent may be as long as the modulus, and then costs as much as a thousand signatures.
            var exponent = rsa.ExportParameters(includePrivateParameters: false).Exponent.AsSpan().TrimStart((byte)0);
            return rsa.KeySize is >= ShortestRsaKey and <= LongestRsaKey && exponent.Length is > 0 and <= LongestExponent;
        }
    }

    /// <summary>RSASSA-PSS-params (RFC 4055 §3.1) with one hash for both, and a salt as long as it; null for any other.</summary>
    private static string? PssHash(ReadOnlyMemory<byte> parameters)
    {
        try
        {
            var reader = new AsnReader(parameters, AsnEncodingRules.DER).ReadSequence();
            var hash = reader.ReadSequence(StrictReading.Context0).ReadSequence().ReadObjectIdentifier();
            var mask = reader.ReadSequence(StrictReading.Context1).ReadSequence();
            if (mask.ReadObjectIdentifier() != CmsOid.Mgf1 || mask.ReadSequence().ReadObjectIdentifier() != hash || Hash(hash) is not { } name) return null;
            var length = name == HashAlgorithmName.SHA256 ? 32 : name == HashAlgorithmName.SHA384 ? 48 : 64;
            return reader.ReadSequence(StrictReading.Context2).TryReadInt32(out var salt) && salt == length ? hash : null;
        }
        catch (AsnContentException)
        {
            return null;
        }
    }

    /// <summary>Certificate ::= SEQUENCE { tbsCertificate, signatureAlgorithm, signature }.</summary>
    private static ReadOnlyMemory<byte> PssParametersOf(X509Certificate2 certificate)
    {
        var outer = new AsnReader(certificate.RawDataMemory, AsnEncodingRules.DER).ReadSequence();
        outer.ReadEncodedValue();
        var algorithm = outer.ReadSequence();
        algorithm.ReadObjectIdentifier();
        return algorithm.HasData ? algorithm.ReadEncodedValue() : default;
    }
}
