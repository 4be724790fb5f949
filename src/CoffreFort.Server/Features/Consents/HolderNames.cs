using CoffreFort.Server.Features.Vaults;
using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Consents;

/// <summary>The name under which a holder appears to those they share with; null once erased.</summary>
public sealed class HolderNames(VaultFinder vaults, RequestKeys keys)
{
    public async Task<string?> OfAsync(Guid vault, CancellationToken cancellation) =>
        await vaults.FindAsync(vault, cancellation) is { } entry ? await keys.RevealAsync(vault, entry.HolderName, cancellation) : null;
}
