using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>Whether a certificate leads to one that is trusted.</summary>
internal static class Anchoring
{
    /// <summary>Only the anchors are trusted, never the system's store; nothing is fetched, and revocation is not asked for.</summary>
    /// <remarks>A certificate that is an anchor itself is trusted as it is, whoever issued it.</remarks>
    public static bool Leads(
        X509Certificate2 certificate, X509Certificate2Collection others, X509Certificate2Collection anchors, DateTimeOffset at, out X509ChainStatusFlags status)
    {
        if (anchors.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span)))
        {
            var valid = at >= certificate.NotBefore.ToUniversalTime() && at <= certificate.NotAfter.ToUniversalTime();
            status = valid ? X509ChainStatusFlags.NoError : X509ChainStatusFlags.NotTimeValid;
            return valid;
        }

        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(anchors);
        chain.ChainPolicy.ExtraStore.AddRange(others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        var built = chain.Build(certificate);
        status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        foreach (var element in chain.ChainElements) element.Certificate.Dispose();
        return built;
    }
}
