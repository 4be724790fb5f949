using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;
using CoffreFort.Server.Web;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>Pieces as a page lists them.</summary>
/// <param name="MayDeposit">To the holder: with a link to deposit what is missing.</param>
public sealed record PieceLines(IReadOnlyList<PieceView> Pieces, bool MayDeposit, EvidenceCatalogue Catalogue, IStringLocalizer<Texts> T)
{
    /// <summary>What there is to know about a piece, and what would do, in plain sentences.</summary>
    public IEnumerable<string> Facts(PieceView piece)
    {
        if (piece.Role is { } role) yield return role.Say();
        if (piece.Signature is { } signature) yield return T.Say(signature);
        if (piece.StaleSince is { } since) yield return T["Trop ancien depuis le {0}.", Show.Day(since)];
        if (piece is { Status: PieceStatus.Satisfied, FreshUntil: { } until }) yield return T["Convient jusqu'au {0}.", Show.Day(until)];
        if (piece.Assumptions.Count > 0) yield return T["Une date n'est pas indiquée : ce résultat la suppose."];
        if (piece.Effect is { } effect) yield return effect.Say();
        if (piece.Status == PieceStatus.NotDue && piece.Rule is { } rule) yield return T["Elle ne peut pas vous être demandée : {0}", rule.Say()];
        foreach (var remedy in piece.WouldDo.Take(3)) yield return T.Say(remedy, Catalogue);
    }

    public static string Word(PieceStatus status) => status switch
    {
        PieceStatus.Satisfied => "satisfied",
        PieceStatus.Stale => "stale",
        PieceStatus.Missing => "missing",
        _ => "not-due",
    };
}
