using CoffreFort.Server.Catalogue;
using CoffreFort.Server.Web;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Usage;

/// <summary>A line of the usage log in a person's words.</summary>
public static class UsageWords
{
    public static string Who(IStringLocalizer<Texts> texts, UsageLine line) => line switch
    {
        { Action: "document-read" } => texts["Vous"],
        { Action: "audit-queried" } => texts["Un auditeur, qui ne voit pas le contenu des documents"],
        { AgencyName: { } agency, Person: { } person } => texts["{0}, {1}", person, agency],
        { AgencyName: { } agency } => agency,
        _ => texts["Un agent d'aucune administration inscrite"],
    };

    public static string What(IStringLocalizer<Texts> texts, EvidenceCatalogue catalogue, UsageLine line) => line switch
    {
        { Outcome: Outcomes.Refused } => Why(texts, line.Code),
        { Action: "audit-queried", Code: "state" } => texts["a consulté l'état de votre coffre à un instant donné"],
        { Action: "audit-queried" } => texts["a consulté la chronologie de votre coffre"],
        { Use: "sealed" } => texts["{0}, version {1}, remis en copie scellée", catalogue.NameOf(line.EvidenceType ?? ""), line.Version ?? 0],
        { Use: "download" } => texts["{0}, version {1}, téléchargé", catalogue.NameOf(line.EvidenceType ?? ""), line.Version ?? 0],
        _ => texts["{0}, version {1}, affiché", catalogue.NameOf(line.EvidenceType ?? ""), line.Version ?? 0],
    };

    private static string Why(IStringLocalizer<Texts> texts, string? code) => code switch
    {
        "consent-revoked" => texts["tentative refusée : vous aviez retiré le partage"],
        "erased" => texts["tentative refusée : le document était effacé, ou allait l'être"],
        "consent-expired" => texts["tentative refusée : le partage avait pris fin"],
        "consent-used-up" => texts["tentative refusée : toutes les lectures accordées avaient eu lieu"],
        "consent-not-yet" => texts["tentative refusée : le partage n'avait pas commencé"],
        "not-grantee" => texts["tentative refusée : le partage n'était pas pour cet agent"],
        "out-of-scope" => texts["tentative refusée : ce document n'est pas dans le partage"],
        "not-habilitated" => texts["tentative refusée : l'administration n'était pas habilitée"],
        "reason-required" => texts["tentative refusée : aucun motif valable donné"],
        "delivery-not-allowed" or "not-viewable" => texts["tentative refusée : le partage ne permet pas cette manière de lire"],
        { } certificate when certificate.StartsWith("certificate-", StringComparison.Ordinal) || certificate == "no-certificate" =>
            texts["tentative refusée : rien ne peut être scellé pour le certificat de l'administration"],
        _ => texts["tentative refusée"],
    };
}
