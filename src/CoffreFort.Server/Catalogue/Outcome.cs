namespace CoffreFort.Server.Catalogue;

/// <summary>
/// What choosing one way through a requirement gives and costs. Costs add up over parts and are compared in this order: pieces unmet, of which missing,
/// choices not supplied, pieces assumed, then documents of sensitivity S3, S2 and S1. Since they add, the best of each part is the best of the whole.
/// </summary>
internal sealed record Outcome(Cost Cost, IReadOnlyList<Piece> Due, IReadOnlyList<Piece> NotDue)
{
    internal static Outcome Nothing { get; } = new(default, [], []);

    internal static Outcome Sum(IReadOnlyCollection<Outcome> parts) => new(
        parts.Aggregate(default(Cost), (sum, part) => sum + part.Cost),
        [.. parts.SelectMany(part => part.Due)],
        [.. parts.SelectMany(part => part.NotDue)]);

    /// <summary>The same pieces, none of them due: the situation or the choice of another part excludes them.</summary>
    internal Outcome Excluded() => new(default, [], [.. Due.Concat(NotDue).Select(piece => new Piece(piece.Asked, piece.Asked, PieceStatus.NotDue, piece.Role))]);
}

/// <summary>See <see cref="Outcome"/>; compared field by field, in this order.</summary>
internal readonly record struct Cost(int Unmet, int Missing, int NotSupplied, int Assumed, int S3, int S2, int S1) : IComparable<Cost>
{
    public static Cost operator +(Cost left, Cost right) => new(
        left.Unmet + right.Unmet,
        left.Missing + right.Missing,
        left.NotSupplied + right.NotSupplied,
        left.Assumed + right.Assumed,
        left.S3 + right.S3,
        left.S2 + right.S2,
        left.S1 + right.S1);

    public int CompareTo(Cost other) =>
        (Unmet, Missing, NotSupplied, Assumed, S3, S2, S1).CompareTo((other.Unmet, other.Missing, other.NotSupplied, other.Assumed, other.S3, other.S2, other.S1));

    internal static Cost Of(Piece piece, Sensitivity sensitivity) => new(
        piece.Status == PieceStatus.Satisfied ? 0 : 1,
        piece.Status == PieceStatus.Missing ? 1 : 0,
        0,
        piece.Assumptions.Count > 0 ? 1 : 0,
        sensitivity == Sensitivity.HealthJusticeOrDefence ? 1 : 0,
        sensitivity == Sensitivity.FinancialOrFamily ? 1 : 0,
        sensitivity == Sensitivity.Ordinary ? 1 : 0);
}
