using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Cryptography.Issuers;

/// <summary>Whether a signer is a listed issuer (docs/spec/issuer-signature.md §6). Nothing is fetched, and revocation is not asked for.</summary>
internal static class IssuerChain
{
    /// <summary>The verdict on a signature that holds.</summary>
    public static IssuerSignature Judge(CmsSignature signature, string kind, IReadOnlyList<ListedIssuer> issuers, DateTimeOffset at)
    {
        var signer = signature.Signer;
        var (anchor, isStrong, isValid) = AnchorOf(signature, issuers, at);
        if (!isStrong) return IssuerSignature.Of(IssuerFault.Algorithm);
        ListedIssuer[] named = anchor is null ? [] : [.. issuers.Where(issuer => issuer.Lists(anchor) && issuer.Names(signer))];
        if (named.Length == 0) return Told(IssuerFault.Untrusted);
        var issuer = named.FirstOrDefault(one => one.Kinds.Contains(kind));
        var known = Told(null) with { Issuer = (issuer ?? named[0]).Name, Anchor = Convert.ToHexStringLower(SHA256.HashData(anchor!.RawDataMemory.Span)) };
        if (issuer is null) return known with { Fault = IssuerFault.OtherKind };
        return isValid && WasValid(signer, signature.ClaimedAt ?? at) ? known with { Verdict = IssuerVerdict.Valid, Fault = null } : known with { Fault = IssuerFault.Expired };

        IssuerSignature Told(IssuerFault? fault) => new(IssuerVerdict.Unrecognised, fault) { Signer = NameOf(signer), ClaimedAt = signature.ClaimedAt };
    }

    /// <summary>The listed certificate that the signer's is or leads to, whether every link to it counts, and whether all were valid then.</summary>
    private static (X509Certificate2? Anchor, bool IsStrong, bool IsValid) AnchorOf(CmsSignature signature, IReadOnlyList<ListedIssuer> issuers, DateTimeOffset at)
    {
        var signer = signature.Signer;
        if (issuers.Any(issuer => issuer.Lists(signer))) return (signer, true, WasValid(signer, at));
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        foreach (var issuer in issuers) chain.ChainPolicy.CustomTrustStore.AddRange(issuer.Anchors);
        chain.ChainPolicy.ExtraStore.AddRange(signature.Others);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        chain.Build(signer);
        var status = chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);
        if ((status & ~X509ChainStatusFlags.NotTimeValid) != 0) return (null, true, false);
        X509Certificate2[] links = [.. chain.ChainElements.Select(element => element.Certificate)];
        // Whoever listed the anchor vouches for it as it is.
        var isStrong = links.SkipLast(1).All(SignatureStrength.IsCertifiedStrongly) && links.All(SignatureStrength.HasStrongKey);
        return (links[^1], isStrong, status == X509ChainStatusFlags.NoError);
    }

    private static bool WasValid(X509Certificate2 certificate, DateTimeOffset at) => at >= certificate.NotBefore.ToUniversalTime() && at <= certificate.NotAfter.ToUniversalTime();

    /// <summary>What can be shown on one line.</summary>
    private static string? NameOf(X509Certificate2 signer)
    {
        var name = signer.GetNameInfo(X509NameType.SimpleName, forIssuer: false);
        return name.Length is > 0 and <= IssuerSignature.LongestName && name.IsVisible() ? name : null;
    }
}
