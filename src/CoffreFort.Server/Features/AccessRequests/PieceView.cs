using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Features.Signatures;

namespace CoffreFort.Server.Features.AccessRequests;

/// <summary>One piece of what is asked, and what answers it.</summary>
/// <param name="Asked">The evidence type that the requirement names.</param>
/// <param name="EvidenceType">The type that answers it: the asked one or a substitute.</param>
/// <param name="Document">What would be shown, or what is no longer fresh; to the holder only, until they agree.</param>
/// <param name="StaleSince">The first day on which it was no longer fresh.</param>
/// <param name="FreshUntil">The last day on which it will still be fresh, when one is known.</param>
/// <param name="WouldDo">What would satisfy or renew it, best first.</param>
/// <param name="Effect">For what the law lets one keep back, what follows from it.</param>
/// <param name="Rule">For what may be kept back and for what is not due, where that is written.</param>
public sealed record PieceView(
    string Asked, string EvidenceType, PieceStatus Status, LocalizedText? Role, Guid? Document, int? Version, string? Title, long? Size, string? MediaType,
    DateOnly? StaleSince, DateOnly? FreshUntil, IReadOnlyList<Assumption> Assumptions, IReadOnlyList<Remedy> WouldDo,
    string? Choice, LocalizedText? Effect, Rule? Rule)
{
    /// <summary>The signature that the document brought along: to the holder, and to the agency once they agreed; null for none.</summary>
    public SignatureView? Signature { get; init; }

    public static PieceView Of(Piece piece) => new(
        piece.Asked, piece.EvidenceType, piece.Status, piece.Role, piece.Document, piece.Version, null, null, null,
        piece.StaleSince, piece.FreshUntil, piece.Assumptions, piece.WouldDo, piece.Choice, piece.Effect, piece.Rule);

    /// <summary>What an agency learns before the person agrees: what is asked and whether it stands ready; nothing that names a document.</summary>
    public static PieceView BeforeConsent(Piece piece) => new(
        piece.Asked, piece.EvidenceType, piece.Status, piece.Role, null, null, null, null, null, null, null, [], [], piece.Choice, piece.Effect, piece.Rule);
}
