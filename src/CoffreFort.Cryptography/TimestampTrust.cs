using System.Security.Cryptography.X509Certificates;

namespace CoffreFort.Cryptography;

/// <summary>Which timestamps are relied on. Immutable; the certificates stay the caller's.</summary>
/// <param name="Anchors">The certificates that an authority's must lead to; nothing else is trusted, the system's store neither.</param>
/// <param name="Policy">The object identifier of the only policy that is accepted; null for any.</param>
/// <param name="Tolerance">How far an authority's clock may be off.</param>
public sealed record TimestampTrust(X509Certificate2Collection Anchors, string? Policy, TimeSpan Tolerance);
