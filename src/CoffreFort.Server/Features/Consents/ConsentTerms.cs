namespace CoffreFort.Server.Features.Consents;

/// <summary>What a holder agrees to, as typed. What is left out is what the catalogue offers for the procedure.</summary>
/// <param name="Grantee">The agency.</param>
/// <param name="Pieces">Named documents, or</param>
/// <param name="EvidenceTypes">evidence types: a standing consent.</param>
/// <param name="Delivery">view, download or sealed.</param>
/// <param name="Purpose">In the holder's own words, at most 300 characters.</param>
public sealed record ConsentTerms(
    Guid Grantee, string Procedure, IReadOnlyList<WantedPiece>? Pieces = null, IReadOnlyList<string>? EvidenceTypes = null,
    DateTimeOffset? Until = null, int? Uses = null, string? Delivery = null, string? Purpose = null)
{
    public const int LongestYears = 5;
    public const int MostUses = 1000;
    public const int MostPieces = 100;

    public Refusal? Malformed() =>
        Purpose is { Length: > 300 } ? ConsentRefusals.PurposeTooLong
        : Pieces is { Count: > MostPieces } || EvidenceTypes is { Count: > MostPieces } ? ConsentRefusals.ScopeNeeded
        : null;
}

/// <param name="Version">The newest when none is named.</param>
public sealed record WantedPiece(Guid Document, int? Version = null);

internal static class ConsentRefusals
{
    public static Refusal UnknownGrantee { get; } = new("unknown-grantee", "Cette administration n'existe pas ici. Rien n'a été partagé.", 422);

    public static Refusal NotItsProcedure { get; } = new("not-habilitated", "Cette administration n'est pas habilitée pour cette démarche. Rien n'a été partagé.", 422);

    public static Refusal TypeNotCovered { get; } = new(
        "type-not-habilitated", "Cette administration n'est pas habilitée à lire l'un de ces types de justificatifs pour cette démarche. Rien n'a été partagé.", 422);

    public static Refusal UnknownPiece { get; } = new("unknown-piece", "L'un des justificatifs, ou sa version, n'existe pas dans votre coffre. Rien n'a été partagé.", 422);

    public static Refusal ScopeNeeded { get; } = new(
        "scope-needed", "Choisissez des justificatifs, ou des types de justificatifs, mais pas les deux, et 100 au plus. Rien n'a été partagé.", 422);

    public static Refusal BadPeriod { get; } = new("bad-period", "La fin du partage doit être à venir, dans les cinq ans. Rien n'a été partagé.", 422);

    public static Refusal BadUses { get; } = new("bad-uses", "Le nombre de lectures va de 1 à 1000. Rien n'a été partagé.", 422);

    public static Refusal BadDelivery { get; } = new("bad-delivery", "On partage pour consultation (view), pour téléchargement (download) ou pour copie scellée (sealed). Rien n'a été partagé.", 422);

    public static Refusal PurposeTooLong { get; } = new("purpose-too-long", "La finalité dépasse 300 caractères. Rien n'a été partagé.", 422);
}
