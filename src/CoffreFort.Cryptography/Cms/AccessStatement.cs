namespace CoffreFort.Cryptography.Cms;

/// <summary>A reading: what left the vault, to whom, under which consent.</summary>
/// <param name="Document">The document.</param>
/// <param name="Version">The version of its content.</param>
/// <param name="Reader">The person who read it.</param>
/// <param name="Agency">For whom they read it; null for the holder's own reading.</param>
/// <param name="Consent">The consent under which it was read; null for the holder's own reading.</param>
/// <param name="RecipientFingerprint">SHA-256 of the certificate that it was sealed for, 64 digits of lower-case hex; null when it was not sealed.</param>
public sealed record AccessStatement(Guid Document, uint Version, Guid Reader, Guid? Agency = null, Guid? Consent = null, string? RecipientFingerprint = null);
