using CoffreFort.Cryptography;

namespace CoffreFort.Server.Keys;

/// <summary>The key of the personal texts about one vault's people (or of one agency's, one audit's).</summary>
/// <param name="Owner">Whose key it is: the vault, the agency or the audit. It stands in the envelope as key id.</param>
/// <param name="Generation">Grows with each rotation; from 1.</param>
/// <param name="Secret">The key itself, cleared when the request ends.</param>
public sealed record SubjectKey(Guid Owner, uint Generation, SecretKey Secret);
