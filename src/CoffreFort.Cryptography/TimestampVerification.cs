using System.Security.Cryptography;
using System.Security.Cryptography.Pkcs;
using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography;

/// <summary>Verifies RFC 3161 tokens: imprint, policy, the signer's certificate, its usage, its chain at the stated time, the signature.</summary>
/// <remarks>
/// Stateless. Revocation is not asked for, and no certificate is fetched: a token must hold, or the anchors name, all that its chain needs.
/// That the token names its signer's certificate (ESSCertID, RFC 2634; ESSCertIDv2, RFC 5816) is required.
/// </remarks>
public static class TimestampVerification
{
    private const string TimeStamping = "1.3.6.1.5.5.7.3.8";
    private const string ExtendedKeyUsage = "2.5.29.37";
    private const string TokenInfo = "1.2.840.113549.1.9.16.1.4";
    private const string Sha256 = "2.16.840.1.101.3.4.2.1";

    /// <summary>Verifies a token that was kept.</summary>
    /// <param name="token">The token (DER).</param>
    /// <param name="data">What it is said to be over.</param>
    /// <param name="trust">What is accepted; the tolerance does not matter here.</param>
    /// <exception cref="TimestampRefused">Something is wrong with it.</exception>
    public static Timestamp Verify(ReadOnlyMemory<byte> token, ReadOnlySpan<byte> data, TimestampTrust trust)
    {
        ArgumentNullException.ThrowIfNull(trust);
        var hash = SHA256.HashData(data);
        return Guarded(() => Verify(token, hash, trust));
    }

    /// <summary>Verifies a token in itself: that it is over the data, and signed with the certificate that it holds. Whether that is anybody's to rely on is not asked.</summary>
    /// <param name="token">The token (DER).</param>
    /// <param name="data">What it is said to be over.</param>
    /// <exception cref="TimestampRefused">Something is wrong with it.</exception>
    public static Timestamp VerifyInItself(ReadOnlyMemory<byte> token, ReadOnlySpan<byte> data)
    {
        var hash = SHA256.HashData(data);
        return Guarded(() => VerifyInItself(token, hash));
    }

    private static Timestamp Verify(ReadOnlyMemory<byte> token, byte[] hash, TimestampTrust trust)
    {
        var cms = Read(token, out var info);
        CheckImprint(info, hash);
        if (trust.Policy is not null && info.PolicyId.Value != trust.Policy)
            throw new TimestampRefused(TimestampFault.Policy, $"The timestamp was made under policy {info.PolicyId.Value}, not {trust.Policy}.");
        var signer = SignerOf(cms);
        CheckUsage(signer);
        CheckChain(signer, cms.Certificates, info.Timestamp, trust);
        CheckSignature(token, info);
        return new Timestamp(token.ToArray(), info.Timestamp, info.PolicyId.Value!, signer.Subject);
    }

    private static Timestamp VerifyInItself(ReadOnlyMemory<byte> token, byte[] hash)
    {
        var cms = Read(token, out var info);
        CheckImprint(info, hash);
        var signer = SignerOf(cms);
        CheckSignature(token, info);
        return new Timestamp(token.ToArray(), info.Timestamp, info.PolicyId.Value!, signer.Subject);
    }

    /// <summary>Reads a token without believing it. The platform's own reading verifies at once, and tells no fault from another.</summary>
    internal static SignedCms Read(ReadOnlyMemory<byte> token, out Rfc3161TimestampTokenInfo info)
    {
        var cms = new SignedCms();
        try
        {
            cms.Decode(token.Span);
        }
        catch (Exception failure) when (failure is CryptographicException or InvalidOperationException)
        {
            throw Unreadable();
        }

        if (cms.ContentInfo.ContentType.Value != TokenInfo || !Rfc3161TimestampTokenInfo.TryDecode(cms.ContentInfo.Content, out var read, out _)) throw Unreadable();
        info = read;
        return cms;
    }

    private static void CheckImprint(Rfc3161TimestampTokenInfo info, ReadOnlySpan<byte> hash)
    {
        if (info.HashAlgorithmId.Value != Sha256 || !info.GetMessageHash().Span.SequenceEqual(hash))
            throw new TimestampRefused(TimestampFault.Imprint, "The timestamp is over other data.");
    }

    /// <summary>The platform reads a stranger's structures and certificates late, and throws now this and now that at what it can't read.</summary>
    private static Timestamp Guarded(Func<Timestamp> verify)
    {
        try
        {
            return verify();
        }
        catch (Exception failure) when (failure is CryptographicException or InvalidOperationException)
        {
            throw Unreadable();
        }
    }

    private static X509Certificate2 SignerOf(SignedCms cms)
    {
        try
        {
            if (cms.SignerInfos.Count == 1 && cms.SignerInfos[0].Certificate is { } signer) return signer;
        }
        catch (CryptographicException)
        {
            // A certificate beside the signature that is none.
        }

        throw new TimestampRefused(TimestampFault.Signature, "The timestamp does not hold its signer's certificate.");
    }

    /// <summary>The platform's own reading also requires that the token names its signer's certificate, by ESSCertID or ESSCertIDv2.</summary>
    private static void CheckSignature(ReadOnlyMemory<byte> token, Rfc3161TimestampTokenInfo info)
    {
        try
        {
            if (Rfc3161TimestampToken.TryDecode(token, out var decoded, out var used) && used == token.Length
                && decoded.VerifySignatureForHash(info.GetMessageHash().Span, HashAlgorithmName.SHA256, out _)) return;
        }
        catch (CryptographicException)
        {
            // Something in it that no signature can be verified with.
        }

        throw new TimestampRefused(TimestampFault.Signature, "The timestamp's signature is wrong, or it does not name its signer's certificate.");
    }

    private static TimestampRefused Unreadable() => new(TimestampFault.Unreadable, "The timestamp is not an RFC 3161 token.");

    private static void CheckUsage(X509Certificate2 signer)
    {
        var usage = signer.Extensions.OfType<X509EnhancedKeyUsageExtension>().SingleOrDefault(extension => extension.Oid?.Value == ExtendedKeyUsage);
        if (usage is not { Critical: true, EnhancedKeyUsages: { Count: 1 } usages } || usages[0].Value != TimeStamping)
            throw new TimestampRefused(TimestampFault.Usage, "The authority's certificate is not for timestamping alone (extended key usage, critical).");
    }

    private static void CheckChain(X509Certificate2 signer, X509Certificate2Collection others, DateTimeOffset time, TimestampTrust trust)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(trust.Anchors);
        chain.ChainPolicy.ExtraStore.AddRange(others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = time.UtcDateTime;
        chain.ChainPolicy.ApplicationPolicy.Add(new Oid(TimeStamping));
        if (chain.Build(signer)) return;
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        throw (status & ~X509ChainStatusFlags.NotTimeValid) == 0
            ? new TimestampRefused(TimestampFault.Expired, $"A certificate of the authority ({signer.Subject}) was not valid at {time:O}.")
            : new TimestampRefused(TimestampFault.Untrusted, $"The authority's certificate ({signer.Subject}) does not lead to a configured trust anchor: {status}.");
    }
}
