using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography.Cms;

/// <summary>Whose seals are relied on. Immutable; the certificates stay the caller's.</summary>
/// <param name="Anchors">The seals' certificates themselves, or what they must lead to; nothing else is trusted, the system's store neither.</param>
/// <param name="Timestamps">
/// Whose timestamps over signatures are relied on; null when nobody's are: a timestamp is then checked in itself only and the certificate must be valid at the time of
/// verification, not of signing.
/// </param>
public sealed record SealTrust(X509Certificate2Collection Anchors, TimestampTrust? Timestamps = null);
