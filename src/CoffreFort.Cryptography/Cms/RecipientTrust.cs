using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>Which recipients' certificates are relied on, and where it is asked whether they were revoked. Immutable; the certificates stay the caller's.</summary>
/// <param name="Anchors">What a certificate must lead to, or be. Nothing else is trusted, the system's store neither.</param>
/// <param name="Intermediates">Certificates that may stand between.</param>
/// <param name="Lists">Revocation lists at hand.</param>
/// <param name="Online">Whether the platform may ask the addresses that certificates name (OCSP, lists) when the lists at hand say nothing.</param>
public sealed record RecipientTrust(
    X509Certificate2Collection Anchors, X509Certificate2Collection Intermediates, IReadOnlyList<RevocationList> Lists, bool Online = false)
{
    private static readonly TimeSpan LongestQuestion = TimeSpan.FromSeconds(10);

    /// <summary>Checks the chain of a certificate, and that none in it was revoked. No word on revocation is a refusal.</summary>
    /// <exception cref="RecipientRefused">It leads to no anchor, was revoked, or nobody says that it was not.</exception>
    internal void Check(X509Certificate2 certificate, DateTimeOffset at)
    {
        // Whoever configured it as an anchor vouches for it, and takes it out when it ends.
        if (Anchors.Any(anchor => anchor.RawDataMemory.Span.SequenceEqual(certificate.RawDataMemory.Span))) return;
        using var chain = Chain(at, X509RevocationMode.NoCheck);
        if (!chain.Build(certificate))
            throw new RecipientRefused(RecipientFault.Untrusted, $"The certificate of {certificate.Subject} does not lead to a trust anchor: {Status(chain)}.");
        X509Certificate2[] elements = [.. chain.ChainElements.Select(element => element.Certificate)];
        for (var i = 0; i + 1 < elements.Length; i++) CheckRevocation(elements[i], elements[i + 1], at);
    }

    private void CheckRevocation(X509Certificate2 one, X509Certificate2 issuer, DateTimeOffset at)
    {
        bool?[] said = [.. Lists.Select(list => list.IsRevoked(one, issuer, at))];
        if (said.Contains(true)) throw Revoked(one);
        if (said.Contains(false)) return;
        if (!Online) throw Unknown(one);
        using var asking = Chain(at, X509RevocationMode.Online);
        // About this one alone: of those above it a list at hand may speak, and their addresses need not answer.
        if (asking.Build(one)) return;
        var status = Status(asking);
        throw status.HasFlag(X509ChainStatusFlags.Revoked) ? Revoked(one) : Unknown(one);
    }

    private X509Chain Chain(DateTimeOffset at, X509RevocationMode mode)
    {
        var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(Anchors);
        chain.ChainPolicy.ExtraStore.AddRange(Intermediates);
        chain.ChainPolicy.RevocationMode = mode;
        chain.ChainPolicy.RevocationFlag = X509RevocationFlag.EndCertificateOnly;
        chain.ChainPolicy.UrlRetrievalTimeout = LongestQuestion;
        chain.ChainPolicy.DisableCertificateDownloads = mode == X509RevocationMode.NoCheck;
        chain.ChainPolicy.VerificationTime = at.UtcDateTime;
        return chain;
    }

    private static X509ChainStatusFlags Status(X509Chain chain) => chain.ChainStatus.Aggregate(X509ChainStatusFlags.NoError, (all, one) => all | one.Status);

    private static RecipientRefused Revoked(X509Certificate2 one) => new(RecipientFault.Revoked, $"The certificate of {one.Subject} was revoked.");

    private static RecipientRefused Unknown(X509Certificate2 one) =>
        new(RecipientFault.RevocationUnknown, $"Nobody says whether the certificate of {one.Subject} was revoked: its issuer's list is missing, out of date or not its own.");
}
