namespace CoffreFort.Server.Catalogue;

/// <summary>Which evidence types a requirement names at all, in whatever situation: the most that an agency may ever ask under it.</summary>
public static class AskedTypes
{
    /// <summary>In the order of the file, each once, substitutes after what they replace.</summary>
    public static IReadOnlyList<string> Of(Requirement requirement) => [.. All(requirement).Distinct()];

    private static IEnumerable<string> All(Requirement requirement) => requirement switch
    {
        AllOf all => all.Of.SelectMany(All),
        AnyOf any => any.Of.SelectMany(All),
        ExactlyOf exactly => exactly.Of.SelectMany(All),
        AtLeastOf atLeast => atLeast.Of.SelectMany(All),
        WhenSituation conditional => All(conditional.Then).Concat(conditional.Otherwise is { } otherwise ? All(otherwise) : []),
        MayDecline mayDecline => All(mayDecline.Of),
        EvidenceNeeded leaf => [leaf.EvidenceType, .. leaf.Substitutes.Select(substitute => substitute.EvidenceType)],
        _ => [],
    };
}
