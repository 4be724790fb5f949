using CoffreFort.Server.Web;
using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Signatures;

/// <summary>Verdicts on signatures in plain words, for the holder and for whoever may read the document.</summary>
public static class SignatureWords
{
    /// <summary>One line.</summary>
    public static string Say(this IStringLocalizer<Texts> texts, SignatureView signature) => signature.Verdict switch
    {
        SignatureVerdicts.Valid => texts["Signature vérifiée : {0}", signature.Issuer ?? texts["Nom effacé"]],
        SignatureVerdicts.Unrecognised => texts["Signé, par quelqu'un qui n'est pas reconnu ici"],
        SignatureVerdicts.Broken => texts["Signature qui ne correspond pas au fichier"],
        _ => texts["Signé, signature non vérifiée"],
    };

    /// <summary>What it means, and what the signer says of themselves.</summary>
    public static IEnumerable<string> Explain(this IStringLocalizer<Texts> texts, SignatureView signature)
    {
        yield return Reason(texts, signature.Reason);
        if (signature is { Verdict: SignatureVerdicts.Valid, Signer: { } signer }) yield return texts["Signataire : {0}.", signer];
        else if (signature.Signer is { } unknown) yield return texts["Le signataire se présente comme « {0} » : rien ne le prouve.", unknown];
        if (signature.ClaimedAt is { } at) yield return texts["Date indiquée par le signataire : {0}.", Show.Instant(at)];
    }

    private static string Reason(IStringLocalizer<Texts> texts, string? reason) => reason switch
    {
        null => texts["Le fichier est tel que cet organisme l'a signé. La vérification a été faite au dépôt."],
        SignatureReasons.Untrusted => texts["Le fichier n'a pas changé depuis sa signature, mais rien ne prouve ici qui l'a signé."],
        SignatureReasons.Expired => texts["Le fichier n'a pas changé depuis sa signature, mais le certificat du signataire n'était pas valable au dépôt ou à la date indiquée."],
        SignatureReasons.OtherKind => texts["Le fichier n'a pas changé depuis sa signature, mais son signataire n'est pas reconnu pour ce type de justificatif."],
        SignatureReasons.Content => texts["Le fichier a été modifié après sa signature."],
        SignatureReasons.Appended => texts["Le fichier a été complété après sa signature : ce qui a été ajouté n'est pas signé."],
        SignatureReasons.Coverage or SignatureReasons.Unreadable or SignatureReasons.Signature => texts["La signature est abîmée, ou le fichier a été coupé ou modifié."],
        SignatureReasons.TooLarge => texts["Le fichier ou sa signature est trop long pour être vérifié ici."],
        SignatureReasons.Several => texts["Le fichier porte plusieurs signatures : elles ne sont pas vérifiées ici."],
        SignatureReasons.Algorithm => texts["Le procédé de signature ne prouve plus rien, ou n'est pas connu ici."],
        SignatureReasons.Usage => texts["Le certificat employé n'est pas fait pour signer des documents."],
        _ => texts["Cette forme de signature n'est pas vérifiée ici."],
    };
}
