namespace CoffreFort.Server.Checkpoints;

/// <summary>What a receipt counts as.</summary>
/// <param name="Grade"><see cref="Evidence"/>: a signed checkpoint covers the event. <see cref="Plain"/>: it says what the journal holds, and proves nothing.</param>
/// <param name="Reason">
/// <c>timestamped</c>; <c>timestamp-pending</c>, the authority's follows; <c>no-authority-configured</c>, the times are this system's own; <c>no-checkpoint-yet</c>,
/// ask again in a moment; <c>unsealed-too-long</c>, no timestamp for more than four hours.
/// </param>
public sealed record ReceiptGrade(string Grade, string Reason)
{
    public const string Evidence = "evidence";
    public const string Plain = "plain";
}
