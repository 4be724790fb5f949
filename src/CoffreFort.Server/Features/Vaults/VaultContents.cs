using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Server.Features.Vaults;

/// <summary>A vault's documents held against each procedure of the catalogue: what the holder's own page shows.</summary>
/// <param name="Documents">By family, in the catalogue's order; types that it no longer has stand last, under null.</param>
/// <param name="Procedures">Each with its answer today.</param>
public sealed record VaultContents(IReadOnlyList<FamilyOfDocuments> Documents, IReadOnlyList<ProcedureCheck> Procedures)
{
    private const int Most = 2000;

    public int Count => Documents.Sum(family => family.Documents.Count);

    public static async Task<VaultContents> LoadAsync(
        Guid vault, Situation situation, DateOnly today, DocumentLister lister, EvidenceCatalogue catalogue, CancellationToken cancellation)
    {
        var held = await lister.HeldAsync(vault, cancellation);
        var checks = catalogue.Procedures.Select(one => new ProcedureCheck(one, Requirements.Evaluate(one, held, situation, today))).ToList();
        var families = (await lister.ListAsync(vault, null, Most, cancellation))
            .Select(view => new DocumentRow(view, [.. checks.Where(check => check.Uses(view.Id, PieceStatus.Satisfied))], [.. checks.Where(check => check.Uses(view.Id, PieceStatus.Stale))]))
            .GroupBy(row => catalogue.Find(row.Document.EvidenceType)?.Family)
            .OrderBy(group => group.Key ?? (EvidenceFamily)int.MaxValue)
            .Select(group => new FamilyOfDocuments(group.Key, [.. group]));
        return new VaultContents([.. families], checks);
    }
}

public sealed record FamilyOfDocuments(EvidenceFamily? Family, IReadOnlyList<DocumentRow> Documents);

/// <param name="Suits">The procedures that it satisfies a piece of.</param>
/// <param name="TooOldFor">The procedures that would need a more recent one.</param>
public sealed record DocumentRow(DocumentView Document, IReadOnlyList<ProcedureCheck> Suits, IReadOnlyList<ProcedureCheck> TooOldFor);

public sealed record ProcedureCheck(Procedure Procedure, Evaluation Answer)
{
    public int Missing => Answer.Pieces.Count(piece => piece.Status == PieceStatus.Missing);

    public int Stale => Answer.Pieces.Count(piece => piece.Status == PieceStatus.Stale);

    public bool Uses(Guid document, PieceStatus status) => Answer.Pieces.Any(piece => piece.Document == document && piece.Status == status);
}
