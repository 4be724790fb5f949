namespace CoffreFort.Cryptography.Cms;

/// <summary>Who sealed something, and when, as far as that was verified.</summary>
/// <param name="Signer">The subject of the seal's certificate.</param>
/// <param name="Fingerprint">SHA-256 of that certificate, lower-case hex.</param>
/// <param name="SigningTime">When it was signed, by the signer's own word.</param>
/// <param name="HasTimestamp">Whether a timestamp comes along, relied on or not.</param>
/// <param name="Timestamp">The timestamp over the signature (CAdES-T), when it leads to an authority that is relied on.</param>
public sealed record SealEvidence(string Signer, string Fingerprint, DateTimeOffset SigningTime, bool HasTimestamp, Timestamp? Timestamp);
