namespace CoffreFort.Server.Catalogue;

/// <summary>Puts each type's own freshness and sensitivity on the leaves, so that evaluation needs the expression alone.</summary>
internal static class LeafDefaults
{
    internal static Requirement Fill(Requirement requirement, IReadOnlyDictionary<string, EvidenceType> types) => requirement switch
    {
        AllOf all => new AllOf(Fill(all.Of, types)),
        AnyOf any => new AnyOf(Fill(any.Of, types)),
        ExactlyOf exactly => new ExactlyOf(exactly.Count, Fill(exactly.Of, types)),
        AtLeastOf atLeast => new AtLeastOf(atLeast.Count, Fill(atLeast.Of, types)),
        WhenSituation conditional => conditional with { Then = Fill(conditional.Then, types), Otherwise = conditional.Otherwise is { } other ? Fill(other, types) : null },
        MayDecline mayDecline => mayDecline with { Of = Fill(mayDecline.Of, types) },
        EvidenceNeeded leaf => leaf with
        {
            Freshness = leaf.Freshness ?? types[leaf.EvidenceType].Freshness,
            Sensitivity = types[leaf.EvidenceType].Sensitivity,
            Substitutes = [.. leaf.Substitutes.Select(one => one with
            {
                Freshness = one.Freshness ?? types[one.EvidenceType].Freshness,
                Sensitivity = types[one.EvidenceType].Sensitivity,
            })],
        },
        _ => throw new ArgumentOutOfRangeException(nameof(requirement), requirement, "unknown requirement"),
    };

    private static List<Requirement> Fill(IReadOnlyList<Requirement> parts, IReadOnlyDictionary<string, EvidenceType> types) =>
        [.. parts.Select(part => Fill(part, types))];
}
