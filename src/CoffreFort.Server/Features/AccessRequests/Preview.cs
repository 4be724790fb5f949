using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Agencies;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>
/// What an agency would be shown: what its procedure requires, held against the vault on a day, within what the agency has the right to read.
/// Pure: the same request and vault give the same preview.
/// </summary>
public static class Preview
{
    /// <param name="right">The agency's habilitation for the procedure; without one nothing is due.</param>
    /// <param name="held">The newest version of each document.</param>
    public static Evaluation Of(Procedure procedure, Habilitation? right, IReadOnlyList<HeldEvidence> held, IEnumerable<string> situation, DateOnly day)
    {
        var mayRead = right?.EvidenceTypes ?? [];
        var evaluation = Requirements.Evaluate(procedure, [.. held.Where(one => mayRead.Contains(one.EvidenceType))], Situation.Of(situation), day);
        Piece[] pieces = [.. evaluation.Pieces.Select(piece => IsDue(piece, mayRead) ? piece : new Piece(piece.Asked, piece.Asked, PieceStatus.NotDue, piece.Role, Rule: piece.Rule))];
        return new Evaluation(pieces.All(piece => piece.Status is not (PieceStatus.Stale or PieceStatus.Missing)), pieces);
    }

    /// <summary>
    /// Whether a consent that stands leaves nothing new to ask: it already reaches everything that the vault could show today.
    /// </summary>
    /// <param name="shown">What the agency would be shown if it were asked anew.</param>
    /// <param name="reached">The same requirement, held against what the consent reaches.</param>
    public static bool IsCovered(Evaluation shown, Evaluation reached)
    {
        var ready = shown.Pieces.Where(piece => piece.Status == PieceStatus.Satisfied).Select(piece => piece.Asked).ToHashSet(StringComparer.Ordinal);
        return ready.Count > 0 && ready.IsSubsetOf(reached.Pieces.Where(piece => piece.Status == PieceStatus.Satisfied).Select(piece => piece.Asked));
    }

    // A substitute that the agency may read answers for the type that it may not.
    private static bool IsDue(Piece piece, IReadOnlyList<string> mayRead) => mayRead.Contains(piece.EvidenceType) || piece.WouldDo.Any(remedy => mayRead.Contains(remedy.EvidenceType));
}
