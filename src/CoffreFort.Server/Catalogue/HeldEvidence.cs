namespace CoffreFort.Server.Catalogue;

/// <summary>One version of a document in a vault, by its dates alone.</summary>
/// <param name="IssuedOn">As stated by the depositor; not believed when later than the deposit.</param>
/// <param name="ExpiresOn">The last day printed on the document.</param>
/// <param name="Period">The period label, written as its type says ("2025", "2026-10", "2026-2027").</param>
/// <param name="DepositedOn">A version deposited after the as-of date does not exist for the evaluation.</param>
/// <param name="InvalidatedOn">The first day on which it is known to be wrong, whatever the procedure.</param>
public sealed record HeldEvidence(
    Guid Document,
    int Version,
    string EvidenceType,
    DateOnly? IssuedOn,
    DateOnly? ExpiresOn,
    string? Period,
    DateOnly DepositedOn,
    DateOnly? InvalidatedOn);
