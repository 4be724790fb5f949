namespace CoffreFort.Server.Features.Consents;

/// <summary>A read under a consent that may not be: what the clerk is told, and what the holder's log says.</summary>
/// <param name="Told">Unknown, revoked and not-yours are the same 404.</param>
/// <param name="Code">The true reason.</param>
public sealed record Denial(Refusal Told, string Code)
{
    public static Denial NotGrantee { get; } = new(Refusal.NotFound, "not-grantee");
    public static Denial Revoked { get; } = new(Refusal.NotFound, "consent-revoked");
    public static Denial OutOfScope { get; } = new(Refusal.NotFound, "out-of-scope");

    /// <summary>The document or its vault is erased, or its holder asked for that.</summary>
    public static Denial Erased { get; } = new(Refusal.NotFound, "erased");

    public static Denial NotYet { get; } = Same(new("consent-not-yet", "Le partage n'a pas encore commencé : rien ne peut être lu avant son début.", 403));

    public static Denial Expired { get; } = Same(new("consent-expired", "Le partage a pris fin. Faites une nouvelle demande si la démarche n'est pas terminée.", 403));

    public static Denial UsedUp { get; } = Same(new("consent-used-up", "Le nombre de lectures accordé est atteint. Faites une nouvelle demande si la démarche n'est pas terminée.", 403));

    public static Denial NotHabilitated { get; } = Same(new("not-habilitated", "Votre administration n'est pas habilitée à lire ce type de justificatif pour cette démarche.", 403, "CRPA L.114-8"));

    public static Denial NotDelivered { get; } = Same(new("delivery-not-allowed", "Le partage permet de consulter ce justificatif, pas de le télécharger.", 403));

    public static Denial NotViewable { get; } = Same(new("not-viewable", "Ce fichier ne peut pas être affiché, et le partage ne permet que la consultation. Demandez au titulaire un partage avec téléchargement.", 403));

    public static Denial Superseded { get; } = Same(new("evidence-changed", "Une version plus récente vient de prendre la place de celle que vous demandez. Rouvrez la liste.", 409));

    public static Denial NoReason { get; } = Same(new("reason-required", "Dites pourquoi vous lisez ce justificatif, en 500 caractères au plus : le titulaire le verra.", 400));

    public static Denial NoCertificate { get; } = Same(new("no-certificate", "Votre administration n'a pas de certificat inscrit : rien ne peut être scellé pour elle. Faites-en inscrire un.", 409));

    public static Denial CertificateChanged { get; } = Same(new("certificate-changed", "Le certificat de votre administration vient de changer. Redemandez la copie.", 409));

    /// <summary>Something is wrong with the agency's certificate.</summary>
    public static Denial Certificate(Refusal refusal) => Same(refusal with { Status = 409 });

    private static Denial Same(Refusal refusal) => new(refusal, refusal.Code);
}
