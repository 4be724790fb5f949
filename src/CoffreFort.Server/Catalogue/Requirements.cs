namespace CoffreFort.Server.Catalogue;

/// <summary>
/// Evaluates requirements against a vault. Pure and deterministic: no clock, no I/O, and the order of the held evidence does not matter.
/// Freshness and sensitivity must stand on the leaves; <see cref="EvidenceCatalogue.Load"/> puts them there.
/// </summary>
/// <remarks>
/// Between alternatives the choice is the one with the fewest pieces unmet, then missing, then choices not supplied, then pieces resting on an assumption,
/// then the fewest documents of sensitivity S3, then S2, then S1; then the first in the file. So what is asked of the holder is least, and what is shown least sensitive.
/// Between documents of a leaf: the least sensitive type first, then the order of the file, then the newest: by period, by day of deposit, by document id (which
/// grows with time), by version. What a person deposits anew takes the place of what they had, also before they state its dates; what is then assumed is said.
/// A document that answers two leaves is counted twice.
/// </remarks>
public static class Requirements
{
    /// <summary>Evaluates an expression as of a day; versions deposited later are not looked at.</summary>
    public static Evaluation Evaluate(Requirement requirement, IReadOnlyList<HeldEvidence> held, Situation situation, DateOnly asOf)
    {
        ArgumentNullException.ThrowIfNull(requirement);
        ArgumentNullException.ThrowIfNull(held);
        ArgumentNullException.ThrowIfNull(situation);
        var outcome = new Evaluator([.. held.Where(one => one.DepositedOn <= asOf)], situation, asOf).Choose(requirement);
        var due = outcome.Due.Select(piece => piece.Asked).Concat(outcome.Due.Select(piece => piece.EvidenceType)).ToHashSet(StringComparer.Ordinal);
        var notDue = outcome.NotDue.Where(piece => !due.Contains(piece.Asked)).DistinctBy(piece => piece.Asked);
        return new(outcome.Cost.Unmet == 0, [.. outcome.Due, .. notDue]);
    }

    /// <summary>
    /// Evaluates a procedure's requirement, and reports as not due, with the article, each type asked beyond its closed list: those commonly asked and those asked now.
    /// Without a closed list nothing is over-asked in law.
    /// </summary>
    public static Evaluation Evaluate(Procedure procedure, IReadOnlyList<HeldEvidence> held, Situation situation, DateOnly asOf, IReadOnlyList<string>? asked = null)
    {
        ArgumentNullException.ThrowIfNull(procedure);
        var evaluation = Evaluate(procedure.Requirement, held, situation, asOf);
        if (procedure.ClosedList is not { } closed)
            return evaluation;
        var beyond = procedure.CommonlyAsked.Concat(asked ?? [])
            .Except(closed.EvidenceTypes, StringComparer.Ordinal)
            .Select(code => new Piece(code, code, PieceStatus.NotDue, Rule: closed.Article))
            .ToList();
        var pieces = evaluation.Pieces.Where(piece => piece.Status != PieceStatus.NotDue || !beyond.Exists(one => one.Asked == piece.Asked));
        return evaluation with { Pieces = [.. pieces, .. beyond] };
    }
}
