using CoffreFort.Server.Keys;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>The signature that a document brought along, as it was found when it was deposited.</summary>
/// <param name="Verdict">valid, unrecognised, broken or unchecked. Only the first is to be relied on.</param>
/// <param name="Reason">Why it is not valid; null when it is.</param>
/// <param name="Issuer">The listed issuer; null unless the signer's certificate leads to one.</param>
/// <param name="Signer">Who the signer says to be. Unless it is valid, anybody's word.</param>
/// <param name="ClaimedAt">When they say that they signed.</param>
/// <param name="Anchor">SHA-256 of the listed certificate, lower-case hex.</param>
/// <param name="Beside">It came as a file of its own, which whoever has the document can have too.</param>
public sealed record SignatureView(string Verdict, string? Reason, string? Issuer, string? Signer, DateTimeOffset? ClaimedAt, string? Anchor, bool Beside)
{
    /// <returns>Null when there was no signature.</returns>
    public static async Task<SignatureView?> OfAsync(SignatureFound? found, Guid vault, RequestKeys keys, CancellationToken cancellation) => found is null ? null : new SignatureView(
        found.Verdict, found.Reason, await keys.RevealAsync(vault, found.Issuer, cancellation), await keys.RevealAsync(vault, found.Signer, cancellation), found.ClaimedAt,
        await keys.RevealAsync(vault, found.Anchor, cancellation), found.IsBeside);
}
