namespace CoffreFort.Server.Catalogue;

/// <summary>A type that a leaf accepts, with the freshness that applies to it there.</summary>
internal sealed record AcceptedType(string EvidenceType, IReadOnlyList<Freshness> Freshness, Sensitivity Sensitivity)
{
    /// <summary>The type asked for, then its substitutes in the order of the file.</summary>
    internal static IReadOnlyList<AcceptedType> Of(EvidenceNeeded leaf) =>
        [new(leaf.EvidenceType, leaf.Freshness ?? [], leaf.Sensitivity),
         .. leaf.Substitutes.Select(one => new AcceptedType(one.EvidenceType, one.Freshness ?? [], one.Sensitivity))];
}
