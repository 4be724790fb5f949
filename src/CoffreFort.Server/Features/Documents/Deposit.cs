using CoffreFort.Server.Catalogue;

namespace CoffreFort.Server.Features.Documents;

/// <summary>What a depositor says of a document, as typed.</summary>
/// <param name="Vault">Where it goes.</param>
/// <param name="EvidenceType">A code of the catalogue.</param>
/// <param name="Title">What the person calls it; the evidence type's name when empty.</param>
/// <param name="FileName">What the file was called on their device.</param>
public sealed record Deposit(
    Guid Vault, string EvidenceType, string Title = "", string? FileName = null,
    DateOnly? IssuedOn = null, DateOnly? ExpiresOn = null, string? Period = null)
{
    public const int LongestTitle = 200;

    public StatedDates Dates => StatedDates.Of(IssuedOn, ExpiresOn, Period);

    public Refusal? Refuse(EvidenceCatalogue catalogue)
    {
        if (catalogue.Find(EvidenceType) is not { } type) return UnknownType;
        return Title.Length > LongestTitle ? TitleTooLong : Dates.RefusePeriod(type);
    }

    internal static Refusal UnknownType { get; } = new(
        "unknown-evidence-type", "Ce type de justificatif n'existe pas au catalogue. Rien n'a été enregistré.", 422);

    internal static Refusal TitleTooLong { get; } = new(
        "title-too-long", "Le titre dépasse 200 caractères. Rien n'a été enregistré : raccourcissez-le.", 422);
}
