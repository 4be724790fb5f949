namespace CoffreFort.Cryptography.Issuers;

/// <summary>What was found of a document's signature.</summary>
/// <param name="Verdict">Whether it may be relied on.</param>
/// <param name="Fault">Why not; null exactly when it is valid or there is none.</param>
public sealed record IssuerSignature(IssuerVerdict Verdict, IssuerFault? Fault = null)
{
    /// <summary>The most characters of <see cref="Signer"/>.</summary>
    public const int LongestName = 200;

    /// <summary>The listed issuer's name, whoever the signer says to be; null unless the certificate leads to one.</summary>
    public string? Issuer { get; init; }

    /// <summary>
    /// How the signer's certificate calls them; null when the signature does not hold, or when that can't be shown. Only under a listed issuer is it more than a stranger's word.
    /// </summary>
    public string? Signer { get; init; }

    /// <summary>When they signed by their own word; nobody else vouches for it. Null when they don't say, or the signature does not hold.</summary>
    public DateTimeOffset? ClaimedAt { get; init; }

    /// <summary>SHA-256 of the listed certificate that the signer's leads to, lower-case hex; null unless it leads to one.</summary>
    public string? Anchor { get; init; }

    internal static IssuerSignature None { get; } = new(IssuerVerdict.None);

    internal static IssuerSignature Of(IssuerFault fault) => new(VerdictOf(fault), fault);

    private static IssuerVerdict VerdictOf(IssuerFault fault) => fault switch
    {
        IssuerFault.Untrusted or IssuerFault.Expired or IssuerFault.OtherKind => IssuerVerdict.Unrecognised,
        IssuerFault.TooLarge or IssuerFault.Form or IssuerFault.Appended or IssuerFault.Several or IssuerFault.Algorithm or IssuerFault.Usage => IssuerVerdict.Unchecked,
        _ => IssuerVerdict.Broken,
    };
}
