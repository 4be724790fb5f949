using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Features.Receipts;

namespace CoffreFort.Server.Sealing;

/// <summary>
/// What this installation seals receipts and sealed copies with: a key of its own in the keyring (<c>signing-seal.p12</c>), under its self-signed certificate
/// or under the one of an authority that was installed last. All nodes seal alike: the key lies in the shared keyring, the certificate in the journal. Safe for concurrent use.
/// </summary>
/// <param name="keyring">The caller's; opened at the first use, so that a keyring that can't be used hinders only what needs it.</param>
/// <param name="journal">Holds the installed certificates.</param>
/// <param name="clock">Tells whether a certificate is in force.</param>
public sealed class ServerSeal(Lazy<FileKeyring> keyring, Journal journal, TimeProvider clock) : IDisposable
{
    private const string KeyName = "seal";
    private const string Subject = "CoffreFort seal";

    private readonly Lazy<X509Certificate2> _own = new(() => keyring.Value.OpenSigningCertificate(KeyName, Subject), LazyThreadSafetyMode.PublicationOnly);
    private volatile Loaded? _loaded;

    /// <summary>The key's own certificate, with its private key; made at the first use.</summary>
    public X509Certificate2 Own => _own.Value;

    /// <summary>The seal as it stands now, in force or not.</summary>
    /// <exception cref="SealUnusableException">The installed certificate is not for the key that the keyring holds.</exception>
    public async Task<SealInForce> FindAsync(CancellationToken cancellation)
    {
        if ((await CertificatesAsync(cancellation)).Installed is not [.., var installed]) return new SealInForce(Own, [], true);
        if (_loaded is { } known && known.Fingerprint == installed.Fingerprint) return known.Seal;
        var seal = Load(installed);
        _loaded = new Loaded(installed.Fingerprint, seal);
        return seal;
    }

    /// <summary>The seal, to seal something with now.</summary>
    /// <exception cref="SealUnusableException">Its certificate is not, or no longer, in force: nobody could verify what it sealed.</exception>
    public async Task<SealInForce> ToUseAsync(CancellationToken cancellation)
    {
        var seal = await FindAsync(cancellation);
        var now = clock.GetUtcNow();
        return now >= seal.NotBefore && now <= seal.NotAfter
            ? seal
            : throw new SealUnusableException($"The certificate of the seal is valid from {seal.NotBefore:O} to {seal.NotAfter:O}: install another (coffrefort seal).");
    }

    /// <summary>All certificates under which something may have been sealed here, the present one first, each with its issuers (PEM): what others are given to trust.</summary>
    public async Task<string> PublishedAsync(CancellationToken cancellation)
    {
        var installed = (await CertificatesAsync(cancellation)).Installed;
        var encoded = installed.Reverse().SelectMany(one => one.Certificates).Append(Convert.ToBase64String(Own.RawData)).Distinct();
        var text = new StringBuilder();
        foreach (var one in encoded) text.Append(PemEncoding.Write("CERTIFICATE", Convert.FromBase64String(one))).Append('\n');
        return text.ToString();
    }

    public void Dispose()
    {
        if (_own.IsValueCreated) _own.Value.Dispose();
        _loaded?.Seal.Certificate.Dispose();
    }

    private async Task<SealCertificate> CertificatesAsync(CancellationToken cancellation) =>
        await journal.AggregateStreamAsync<SealCertificate>(SealCertificate.Stream, cancellation: cancellation) ?? SealCertificate.Empty;

    private SealInForce Load(SealCertificateInstalled installed)
    {
        var issuers = new X509Certificate2Collection();
        foreach (var issuer in installed.Certificates.Skip(1)) issuers.Add(X509CertificateLoader.LoadCertificate(Convert.FromBase64String(issuer)));
        using var certificate = X509CertificateLoader.LoadCertificate(Convert.FromBase64String(installed.Certificates[0]));
        using var key = Own.GetECDsaPrivateKey()!;
        try
        {
            return new SealInForce(certificate.CopyWithPrivateKey(key), issuers, false);
        }
        catch (ArgumentException)
        {
            throw new SealUnusableException("The installed certificate of the seal is not for the key that this keyring holds: restore the keyring (signing-seal.p12), or install a certificate for the present key (coffrefort seal).");
        }
    }

    private sealed record Loaded(string Fingerprint, SealInForce Seal);
}
