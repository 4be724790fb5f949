using System.Formats.Asn1;
using System.Numerics;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>A complete certificate revocation list of one issuer (RFC 5280 §5), read from its bytes and asked offline.</summary>
/// <remarks>
/// Immutable; may be used from several threads. Delta lists, lists that speak for another issuer, and any other extension that is critical are refused: what can't be understood
/// must not look like "not revoked". Signatures: RSA (PKCS#1 v1.5) and ECDSA, each with SHA-256, SHA-384 or SHA-512.
/// </remarks>
public sealed class RevocationList
{
    /// <summary>The longest list that is read, in bytes: 32 MiB.</summary>
    public const int LongestLength = 32 * 1024 * 1024;

    private static readonly Dictionary<string, (HashAlgorithmName Hash, bool IsRsa)> s_algorithms = new()
    {
        ["1.2.840.113549.1.1.11"] = (HashAlgorithmName.SHA256, true), ["1.2.840.113549.1.1.12"] = (HashAlgorithmName.SHA384, true), ["1.2.840.113549.1.1.13"] = (HashAlgorithmName.SHA512, true),
        ["1.2.840.10045.4.3.2"] = (HashAlgorithmName.SHA256, false), ["1.2.840.10045.4.3.3"] = (HashAlgorithmName.SHA384, false), ["1.2.840.10045.4.3.4"] = (HashAlgorithmName.SHA512, false),
    };

    private readonly HashSet<BigInteger> _revoked = [];
    private ReadOnlyMemory<byte> _issuer;
    private ReadOnlyMemory<byte> _signed;
    private ReadOnlyMemory<byte> _signature;
    private string _algorithm = "";

    private RevocationList()
    {
    }

    /// <summary>From when on it holds.</summary>
    public DateTimeOffset ThisUpdate { get; private set; }

    /// <summary>Until when the issuer has said that a newer one is there.</summary>
    public DateTimeOffset NextUpdate { get; private set; }

    /// <summary>Reads a list without verifying it.</summary>
    /// <param name="encoded">The list (DER); the bytes must not change.</param>
    /// <exception cref="CmsRefused">It is none, too long, or not one that can be relied on alone.</exception>
    public static RevocationList Read(ReadOnlyMemory<byte> encoded)
    {
        if (encoded.Length > LongestLength) throw new CmsRefused(CmsFault.TooLarge, "The revocation list is too long.");
        return StrictReading.Read(encoded, "a revocation list", outer => StrictReading.Within(outer.ReadSequence(), reader =>
        {
            var list = new RevocationList { _signed = reader.ReadEncodedValue() };
            list._algorithm = Algorithm(reader);
            list._signature = reader.TryReadPrimitiveBitString(out var unused, out var signature) && unused == 0 ? signature : throw new AsnContentException();
            var content = new AsnReader(list._signed, AsnEncodingRules.DER);
            return StrictReading.Within(content.ReadSequence(), list.ReadContent);
        }));
    }

    /// <summary>What this list says of a certificate.</summary>
    /// <param name="certificate">The certificate.</param>
    /// <param name="issuer">Its issuer, whose signature must be on the list.</param>
    /// <param name="at">When.</param>
    /// <returns>Whether it is revoked; null when the list says nothing of it: it is another issuer's, not well signed, not yet or no longer in force.</returns>
    public bool? IsRevoked(X509Certificate2 certificate, X509Certificate2 issuer, DateTimeOffset at)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        ArgumentNullException.ThrowIfNull(issuer);
        if (!_issuer.Span.SequenceEqual(certificate.IssuerName.RawData) || !_issuer.Span.SequenceEqual(issuer.SubjectName.RawData) || at < ThisUpdate || at > NextUpdate || !IsSignedBy(issuer))
            return null;
        return _revoked.Contains(new BigInteger(certificate.SerialNumberBytes.Span, isUnsigned: false, isBigEndian: true));
    }

    private RevocationList ReadContent(AsnReader reader)
    {
        reader.Expect(1);
        if (Algorithm(reader) != _algorithm) throw new AsnContentException();
        _issuer = reader.ReadEncodedValue();
        ThisUpdate = Time(reader);
        // A list without an end says nothing of today.
        NextUpdate = Time(reader);
        if (reader.HasData && reader.PeekTag().HasSameClassAndValue(Asn1Tag.Sequence)) ReadEntries(reader.ReadSequence());
        if (reader.HasData) StrictReading.Within(reader.ReadSequence(StrictReading.Context0), inner => RefuseCritical(inner.ReadSequence()));
        return this;
    }

    private void ReadEntries(AsnReader entries)
    {
        while (entries.HasData)
        {
            var entry = entries.ReadSequence();
            _revoked.Add(entry.ReadInteger());
            Time(entry);
            if (entry.HasData) RefuseCritical(entry.ReadSequence());
            entry.ThrowIfNotEmpty();
        }
    }

    private static bool RefuseCritical(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && extension.ReadBoolean())
                throw new CmsRefused(CmsFault.Algorithm, "The revocation list has a critical extension: it is no complete list of one issuer.");
            extension.ReadOctets();
            extension.ThrowIfNotEmpty();
        }

        return true;
    }

    private bool IsSignedBy(X509Certificate2 issuer)
    {
        if (!s_algorithms.TryGetValue(_algorithm, out var algorithm)) return false;
        if (issuer.Extensions.OfType<X509KeyUsageExtension>().Any(usage => !usage.KeyUsages.HasFlag(X509KeyUsageFlags.CrlSign))) return false;
        using var rsa = issuer.GetRSAPublicKey();
        using var elliptic = issuer.GetECDsaPublicKey();
        return algorithm.IsRsa
            ? rsa?.VerifyData(_signed.Span, _signature.Span, algorithm.Hash, RSASignaturePadding.Pkcs1) == true
            : elliptic?.VerifyData(_signed.Span, _signature.Span, algorithm.Hash, DSASignatureFormat.Rfc3279DerSequence) == true;
    }

    private static string Algorithm(AsnReader reader) => StrictReading.Within(reader.ReadSequence(), inner =>
    {
        var oid = inner.ReadObjectIdentifier();
        inner.SkipNull();
        return oid;
    });

    private static DateTimeOffset Time(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime(twoDigitYearMax: 2049) : reader.ReadGeneralizedTime();
}
