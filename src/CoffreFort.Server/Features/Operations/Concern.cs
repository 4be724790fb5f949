using CoffreFort.Server.Checkpoints;
using CoffreFort.Server.Hosting;
using CoffreFort.Server.Sealing;

namespace CoffreFort.Server.Features.Operations;

/// <summary>Something on the operator's page that should be looked at, and that no button there mends.</summary>
/// <param name="Title">What is the matter; a text to be looked up.</param>
/// <param name="Advice">What it means or what to do; likewise.</param>
/// <param name="Subject">What it is about: a view's name.</param>
/// <param name="Detail">The reason in English, as the machine says it.</param>
/// <param name="Since">When it began.</param>
/// <param name="Blocks">Whether a node is not ready because of it.</param>
public sealed record Concern(string Title, string? Advice, string? Subject, string? Detail, DateTimeOffset? Since, bool Blocks)
{
    private static readonly Dictionary<string, (string Title, string? Advice)> Words = new()
    {
        [JournalReadiness.Unavailable] = (Texts.Of("Le journal ne répond pas"), Texts.Of("Rien n'est lu ni écrit tant qu'il ne répond pas : vérifiez la base de données du journal.")),
        ["blobs-not-writable"] = (Texts.Of("Le dépôt des contenus n'accepte pas d'écriture"), null),
        ["erased-blobs-kept"] = (Texts.Of("Le stockage garde des contenus effacés"), Texts.Of("Leurs clés sont détruites : ils sont illisibles. Pour que les octets partent aussi, changez les réglages du compte de stockage.")),
        ["log-stopped"] = (
            Texts.Of("Le journal public ne peut plus être signé"), Texts.Of("Ce qui est conservé n'est plus ce qui a été enregistré ou publié. Lancez coffrefort fsck, et n'effacez rien.")),
        [LogReadiness.Delayed] = (
            Texts.Of("Le journal public est en retard"), Texts.Of("Des événements sont enregistrés, mais aucun point de contrôle ne les couvre : voyez les témoins, le dépôt des contenus et le journal du serveur.")),
        ["unsealed-too-long"] = (Texts.Of("L'horodatage par une autorité manque"), Texts.Of("Au-delà de quatre heures, les reçus ne valent plus preuve.")),
        [SealReadiness.Unusable] = (Texts.Of("Le sceau ne peut pas servir"), Texts.Of("Aucun reçu ni copie scellée n'est délivré : installez un certificat valable avec coffrefort seal.")),
        [SealReadiness.Ending] = (Texts.Of("Le certificat du sceau prend bientôt fin"), Texts.Of("Demandez-en un nouveau à votre autorité, et installez-le avec coffrefort seal.")),
        ["integrity-damaged"] = (Texts.Of("Des éléments conservés sont abîmés"), Texts.Of("Remettez-les depuis une sauvegarde ; coffrefort fsck les nomme tous.")),
        ["behind-and-not-moving"] = (Texts.Of("En retard, sans avancer"), Texts.Of("Aucun nœud ne la fait avancer : voyez le journal du serveur et la charge de PostgreSQL.")),
        [Keys.KeyReadiness.Late] = (
            Texts.Of("La clé d'un mois passé n'est pas détruite"), Texts.Of("Ce qui a été effacé ce mois-là reste lisible avec une sauvegarde des clés : lancez coffrefort keys rotate.")),
        [Views.ViewReadiness.HeldUp] = (Texts.Of("Ne tourne pas sur ce nœud"), null),
    };

    /// <summary>What stands on the page with its own buttons is none.</summary>
    public static bool IsDecision(ReadinessProblem problem) => problem.Code is "subscription-stopped" or "messages-given-up";

    public static Concern Of(ReadinessProblem problem)
    {
        var (title, advice) = Words.TryGetValue(problem.Code, out var words) ? words : (Texts.Of("À regarder"), null);
        return new Concern(title, advice, problem.Code is "behind-and-not-moving" or Keys.KeyReadiness.Late or Views.ViewReadiness.HeldUp or "unknown" ? problem.Subject : null, problem.Reason, problem.Since, problem.Blocks);
    }

    /// <summary>The key database is not part of readiness: documents that are open already can still be read.</summary>
    public static Concern KeysUnreachable { get; } = new(
        Texts.Of("La base des clés ne répond pas"), Texts.Of("Aucun contenu ne peut être ouvert ni déposé tant qu'elle ne répond pas."), null, null, null, Blocks: true);

    public static Concern LogDelayed(string reason) => new(Texts.Of("Le journal public attend"), null, null, reason, null, Blocks: false);

    public static Concern SealMissing(string reason) => new(
        Texts.Of("L'horodatage par une autorité manque"), Texts.Of("Au-delà de quatre heures, les reçus ne valent plus preuve."), null, reason, null, Blocks: false);
}
