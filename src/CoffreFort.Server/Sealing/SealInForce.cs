using System.Security.Cryptography.X509Certificates;
using CoffreFort.Cryptography.Cms;

namespace CoffreFort.Server.Sealing;

/// <summary>The seal as it stands: its key under the certificate that counts now. Immutable; safe for concurrent use.</summary>
/// <param name="Certificate">With its private key.</param>
/// <param name="Issuers">What leads from it to its authority; none for a self-signed one.</param>
/// <param name="IsOwn">It is the key's own, self-signed certificate: nobody else vouches for it.</param>
public sealed record SealInForce(X509Certificate2 Certificate, X509Certificate2Collection Issuers, bool IsOwn)
{
    public Seal Seal { get; } = new(Certificate, Issuers);

    public DateTimeOffset NotBefore => Certificate.NotBefore.ToUniversalTime();

    public DateTimeOffset NotAfter => Certificate.NotAfter.ToUniversalTime();
}
