namespace CoffreFort.Cryptography.Cms;

/// <summary>An erasure: what can't be read any more, and from when on no backup can bring it back.</summary>
/// <param name="Vault">The vault.</param>
/// <param name="Documents">How many documents were erased.</param>
/// <param name="Keys">How many keys were destroyed.</param>
/// <param name="ErasedAt">When the keys were destroyed in the live store.</param>
/// <param name="FinalAt">From when on older backups of the keys are dead; not before <paramref name="ErasedAt"/>.</param>
/// <param name="Document">The document; null when the whole vault was erased.</param>
public sealed record ErasureStatement(Guid Vault, int Documents, int Keys, DateTimeOffset ErasedAt, DateTimeOffset FinalAt, Guid? Document = null);
