using CoffreFort.EventStore;
using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Consents;
using CoffreFort.Server.Features.Documents;

namespace CoffreFort.Server.Features.Mutations;

/// <summary>What a holder can hand over: for each procedure that a space deals with, the pieces that its requirement can name in this vault.</summary>
public sealed class HandoverOffer(EvidenceCatalogue catalogue, DocumentLister documents, Journal journal)
{
    /// <summary>The procedures that a space may deal with.</summary>
    public IReadOnlyList<Procedure> Procedures => [.. catalogue.Procedures.Where(IsForSpaces)];

    /// <summary>One line a procedure, in the catalogue's order.</summary>
    public async Task<IReadOnlyList<OfferedProcedure>> OfAsync(Guid vault, CancellationToken cancellation)
    {
        var held = await documents.HeldAsync(vault, cancellation);
        var today = FrenchCalendar.DayOf(await journal.NowAsync(cancellation));
        return [.. Procedures.Select(procedure => Offer(procedure, held, today))];
    }

    /// <summary>The choice as the journal will hold it, or why it can't be made.</summary>
    internal async Task<(IReadOnlyList<HandoverProcedure> Chosen, Refusal? Refusal)> ChooseAsync(
        Guid vault, AcceptHandover.Choice choice, CancellationToken cancellation)
    {
        if (choice.Procedures.Select(one => one.Procedure).Distinct(StringComparer.Ordinal).Count() < choice.Procedures.Count) return ([], Twice);
        var offered = (await OfAsync(vault, cancellation)).ToDictionary(one => one.Procedure.Code, StringComparer.Ordinal);
        var chosen = new List<HandoverProcedure>();
        foreach (var one in choice.Procedures)
        {
            if (!offered.TryGetValue(one.Procedure, out var offer)) return ([], NotForSpaces with { Arguments = [one.Procedure] });
            var pieces = one.Pieces is null
                ? offer.Pieces.Where(piece => piece.ByDefault).Select(piece => piece.Granted).ToList()
                : offer.Pieces.Where(piece => one.Pieces.Contains(new(piece.Granted.Document, piece.Granted.Version))).Select(piece => piece.Granted).ToList();
            if (one.Pieces is not null && pieces.Count != one.Pieces.Distinct().Count()) return ([], NotOffered);
            if (pieces.Count == 0) return ([], NothingToShow with { Arguments = [offer.Procedure.Code] });
            chosen.Add(Chosen(offer.Procedure, pieces));
        }

        return (chosen, null);
    }

    private static bool IsForSpaces(Procedure procedure) => procedure.AgencyKinds.Contains(AgencyKind.Atlas);

    /// <summary>
    /// By default what is required of anybody; what is required only in a situation (children, a couple) is offered beside it, for the holder to tick:
    /// nothing of a family goes without a gesture.
    /// </summary>
    private OfferedProcedure Offer(Procedure procedure, IReadOnlyList<HeldEvidence> held, DateOnly today)
    {
        var plain = Requirements.Evaluate(procedure, held, Situation.None, today);
        var flags = catalogue.Situations.Select(flag => flag.Code).ToList();
        var situations = flags.Select(flag => Situation.Of(flag)).Append(Situation.Of(flags));
        var further = situations.SelectMany(situation => Requirements.Evaluate(procedure, held, situation, today).Shown);
        var pieces = plain.Shown.Select(piece => Piece(piece, byDefault: true)).Concat(further.Select(piece => Piece(piece, byDefault: false)));
        return new OfferedProcedure(procedure, [.. pieces.DistinctBy(piece => (piece.Granted.Document, piece.Granted.Version))], [.. plain.Pieces.Where(IsWanting)]);
    }

    private static bool IsWanting(Piece piece) => piece.Status is PieceStatus.Missing or PieceStatus.Stale;

    private static OfferedPiece Piece(Piece piece, bool byDefault) =>
        new(new GrantedPiece(piece.Document!.Value, piece.Version!.Value, piece.EvidenceType), piece.Role, byDefault);

    private static HandoverProcedure Chosen(Procedure procedure, IReadOnlyList<GrantedPiece> pieces) => new(
        procedure.Code, procedure.Purpose.Fr, procedure.LegalBasis.Fr, procedure.DefaultConsentDays, procedure.DefaultUses, procedure.RetentionPromisedDays, pieces);

    private static Refusal Twice { get; } = new("procedure-twice", "Une démarche ne se transmet qu'une fois.", 422);

    private static Refusal NotForSpaces { get; } = new("procedure-not-offered", "La démarche {0} n'est pas de celles qu'un espace ATLAS traite.", 422);

    private static Refusal NotOffered { get; } = new(
        "piece-not-offered", "Une des pièces choisies n'est pas de celles que la démarche demande, ou n'est pas dans votre coffre.", 422);

    private static Refusal NothingToShow { get; } = new("nothing-to-hand-over", "Pour la démarche {0}, aucune pièce ne serait transmise : déposez ou choisissez une pièce.", 422);
}

/// <param name="Wanting">What the requirement asks of anybody and the vault lacks, or has too old.</param>
public sealed record OfferedProcedure(Procedure Procedure, IReadOnlyList<OfferedPiece> Pieces, IReadOnlyList<Piece> Wanting);

/// <param name="Role">What the piece is for.</param>
/// <param name="ByDefault">Goes unless the holder leaves it out; the others go only when they are chosen.</param>
public sealed record OfferedPiece(GrantedPiece Granted, LocalizedText? Role, bool ByDefault);
