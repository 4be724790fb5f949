namespace CoffreFort.Cryptography.Cms;

/// <summary>A receipt whose seal was verified.</summary>
/// <param name="Receipt">What it states.</param>
/// <param name="Statement">The same as it was signed (JSON).</param>
/// <param name="Evidence">Who sealed it, and when.</param>
public sealed record VerifiedReceipt(Receipt Receipt, string Statement, SealEvidence Evidence);
