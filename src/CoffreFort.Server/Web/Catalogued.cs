using CoffreFort.Server.Catalogue;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Web;

/// <summary>The catalogue's own words, in the person's language.</summary>
public static class Catalogued
{
    private static readonly Dictionary<EvidenceFamily, (string Name, string Icon)> Families = new()
    {
        [EvidenceFamily.Identity] = (Texts.Of("Identité"), "person"),
        [EvidenceFamily.Home] = (Texts.Of("Domicile"), "vault"),
        [EvidenceFamily.Income] = (Texts.Of("Revenus et banque"), "document"),
        [EvidenceFamily.Family] = (Texts.Of("Famille"), "person"),
        [EvidenceFamily.School] = (Texts.Of("École"), "document"),
        [EvidenceFamily.Health] = (Texts.Of("Santé"), "document"),
        [EvidenceFamily.Service] = (Texts.Of("Service et mutation"), "move"),
    };

    public static string Say(this LocalizedText text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return Language.Current == "en" ? text.En : Typography.French(text.Fr);
    }

    /// <summary>In French where the catalogue has no English.</summary>
    public static string Say(this Rule rule)
    {
        ArgumentNullException.ThrowIfNull(rule);
        return Language.Current == "en" && rule.TextEn is { } english ? english : Typography.French(rule.Text);
    }

    /// <summary>A purpose as an act recorded it, which is in French: in the person's language as long as the catalogue says the same.</summary>
    public static string SayPurpose(this EvidenceCatalogue catalogue, string procedure, string recorded) => Say(catalogue.FindProcedure(procedure)?.Purpose, recorded);

    /// <summary>The same for a legal basis.</summary>
    public static string SayLegalBasis(this EvidenceCatalogue catalogue, string procedure, string recorded) => Say(catalogue.FindProcedure(procedure)?.LegalBasis, recorded);

    private static string Say(LocalizedText? known, string recorded) => known?.Fr == recorded ? known.Say() : recorded;

    /// <summary>The name of an evidence type; its code when the catalogue no longer has it.</summary>
    public static string NameOf(this EvidenceCatalogue catalogue, string evidenceType) => catalogue.Find(evidenceType)?.Name.Say() ?? evidenceType;

    public static string Say(this IStringLocalizer<Texts> texts, EvidenceFamily family) => texts[Families[family].Name];

    /// <summary>What a file is, in a word or two.</summary>
    public static string Kind(this IStringLocalizer<Texts> texts, string mediaType) => mediaType switch
    {
        "application/pdf" => "PDF",
        "application/zip" => texts["Archive ou document bureautique"],
        ['i', 'm', 'a', 'g', 'e', '/', .. var format] => texts["Image {0}", format.ToUpperInvariant()],
        _ => texts["Fichier"],
    };

    /// <summary>What would do, in a sentence.</summary>
    public static string Say(this IStringLocalizer<Texts> texts, Remedy remedy, EvidenceCatalogue catalogue)
    {
        ArgumentNullException.ThrowIfNull(remedy);
        var name = catalogue.NameOf(remedy.EvidenceType);
        return remedy switch
        {
            { Kind: RemedyKind.StateIssueDate } => texts["{0} : indiquez sa date d'établissement.", name],
            { Kind: RemedyKind.StateEndDate } => texts["{0} : indiquez sa date de fin.", name],
            { Kind: RemedyKind.StatePeriod } => texts["{0} : indiquez sa période.", name],
            { Periods: { Count: > 0 } periods } => texts["Conviendrait : {0}, pour {1}.", name, string.Join(", ", periods)],
            { IssuedOnOrAfter: { } issued } => texts["Conviendrait : {0}, établi depuis le {1}.", name, Show.Day(issued)],
            { ValidOn: { } day } => texts["Conviendrait : {0}, encore valable le {1}.", name, Show.Day(day)],
            _ => texts["Conviendrait : {0}.", name],
        };
    }
}
