namespace CoffreFort.Cryptography;

/// <summary>Which subject key an envelope needs. Not authenticated until the envelope has been opened.</summary>
/// <param name="KeyId">The subject key.</param>
/// <param name="Generation">Its generation.</param>
public readonly record struct PersonalEnvelopeHeader(Guid KeyId, uint Generation);
