using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;
using CoffreFort.Server.Acts;

namespace CoffreFort.Server.Features.Receipts;

/// <summary>An operator puts the seal's key under a certificate of an authority's: from then on who trusts that authority can verify what is sealed here.</summary>
/// <param name="Certificates">The seal's first, its issuers after it, the authority's root last; checked.</param>
public sealed record InstallSealCertificate(IReadOnlyList<string> Certificates, string Fingerprint)
{
    /// <summary>Checks what was read: that the first is for this key and for signing, is valid now, and leads through the others to the last one.</summary>
    /// <param name="certificates">As they stand in the file.</param>
    /// <param name="own">The key, with its own certificate.</param>
    /// <param name="now">The time.</param>
    /// <returns>The command, or what is wrong.</returns>
    public static (InstallSealCertificate? Command, string? Fault) Check(X509Certificate2Collection certificates, X509Certificate2 own, DateTimeOffset now)
    {
        if (certificates is not [var first, ..]) return (null, "The file holds no certificate.");
        if (!first.PublicKey.ExportSubjectPublicKeyInfo().AsSpan().SequenceEqual(own.PublicKey.ExportSubjectPublicKeyInfo()))
            return (null, "The first certificate is not for the seal's key: have one made for what coffrefort seal request prints.");
        if (now < first.NotBefore.ToUniversalTime() || now > first.NotAfter.ToUniversalTime())
            return (null, $"The certificate is valid from {first.NotBefore.ToUniversalTime():O} to {first.NotAfter.ToUniversalTime():O}.");
        if (certificates.Count < 2) return (null, "The file holds one certificate: add its issuers' behind it, the authority's root last.");
        try
        {
            using var key = own.GetECDsaPrivateKey()!;
            using var certificate = X509CertificateLoader.LoadCertificate(first.RawData);
            using var signing = certificate.CopyWithPrivateKey(key);
            _ = new Seal(signing, [.. certificates.Skip(1)]);
        }
        catch (ArgumentException refusal)
        {
            return (null, refusal.Message);
        }

        return Leads(certificates, now) is { } fault
            ? (null, fault)
            : (new InstallSealCertificate([.. certificates.Select(one => Convert.ToBase64String(one.RawData))], Convert.ToHexStringLower(SHA256.HashData(first.RawData))), null);
    }

    public static Decision Decide(SealCertificate state, InstallSealCertificate command) => state.Installed is [.., var last] && last.Fingerprint == command.Fingerprint
        ? Decision.Nothing
        : Decision.Of(new SealCertificateInstalled(command.Fingerprint, command.Certificates));

    public static Task<Outcome> Handle(InstallSealCertificate command, Actor actor, ActRunner acts, CancellationToken cancellation) => acts.RunAsync(actor, async session =>
    {
        var stream = await session.FetchForWriting<SealCertificate>(SealCertificate.Stream, cancellation);
        return session.Take(stream, Decide(stream.State, command), actor);
    }, cancellation);

    private static string? Leads(X509Certificate2Collection certificates, DateTimeOffset now)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(certificates[^1]);
        foreach (var issuer in certificates.Skip(1)) chain.ChainPolicy.ExtraStore.Add(issuer);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        chain.ChainPolicy.VerificationTime = now.UtcDateTime;
        return chain.Build(certificates[0]) ? null : $"The certificate does not lead to the last one of the file: {string.Join(", ", chain.ChainStatus.Select(status => status.Status))}.";
    }
}
