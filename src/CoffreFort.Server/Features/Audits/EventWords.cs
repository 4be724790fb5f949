using Microsoft.Extensions.Localization;

namespace CoffreFort.Server.Features.Audits;

/// <summary>Each kind of event in plain words, for people who read the journal.</summary>
public static class EventWords
{
    private static readonly Dictionary<string, string> Words = new()
    {
        ["vault_opened"] = Texts.Of("Ouverture du coffre"),
        ["space_assigned"] = Texts.Of("Rattachement à un espace"),
        ["posting_announced"] = Texts.Of("Mutation annoncée pour ce coffre"),
        ["posting_cancelled"] = Texts.Of("Mutation annulée pour ce coffre"),
        ["posting_consent_given"] = Texts.Of("Accès lié à l'affectation"),
        ["document_deposited"] = Texts.Of("Dépôt d'un document"),
        ["version_deposited"] = Texts.Of("Dépôt d'une nouvelle version"),
        ["document_described"] = Texts.Of("Correction du titre ou des dates"),
        ["document_read"] = Texts.Of("Lecture par le titulaire"),
        ["integrity_failed"] = Texts.Of("Contenu altéré ou absent"),
        ["document_erasure_requested"] = Texts.Of("Effacement demandé"),
        ["document_erasure_cancelled"] = Texts.Of("Effacement annulé"),
        ["document_erased"] = Texts.Of("Document effacé"),
        ["key_destroyed"] = Texts.Of("Clés détruites, contenu supprimé"),
        ["vault_erasure_requested"] = Texts.Of("Effacement du coffre demandé"),
        ["vault_erasure_cancelled"] = Texts.Of("Effacement du coffre annulé"),
        ["vault_erased"] = Texts.Of("Coffre effacé"),
        ["vault_keys_destroyed"] = Texts.Of("Clés du coffre détruites"),
        ["legal_hold_placed"] = Texts.Of("Conservation imposée par la loi"),
        ["legal_hold_lifted"] = Texts.Of("Fin de la conservation imposée"),
        ["access_requested"] = Texts.Of("Demande d'accès"),
        ["access_request_resolved"] = Texts.Of("Demande déjà couverte par un accès"),
        ["access_approved"] = Texts.Of("Accord du titulaire"),
        ["access_refused"] = Texts.Of("Refus du titulaire"),
        ["access_request_withdrawn"] = Texts.Of("Demande retirée"),
        ["access_request_expired"] = Texts.Of("Demande restée sans réponse"),
        ["consent_granted"] = Texts.Of("Accès accordé"),
        ["evidence_read"] = Texts.Of("Lecture par une administration"),
        ["evidence_read_refused"] = Texts.Of("Lecture refusée à une administration"),
        ["consent_revoked"] = Texts.Of("Accès retiré"),
        ["receipt_issued"] = Texts.Of("Reçu scellé"),
        ["receipt_timestamped"] = Texts.Of("Reçu horodaté par une autorité"),
        ["mutation_announced"] = Texts.Of("Mutation annoncée"),
        ["mutation_rescheduled"] = Texts.Of("Mutation reportée"),
        ["mutation_cancelled"] = Texts.Of("Mutation annulée"),
        ["handover_accepted"] = Texts.Of("Passage de relais choisi par le titulaire"),
        ["mutation_took_effect"] = Texts.Of("Prise d'effet de la mutation"),
        ["handover_completed"] = Texts.Of("Passage de relais accompli"),
    };

    /// <summary>The stored name itself for an event that has no words yet.</summary>
    public static string SayEvent(this IStringLocalizer<Texts> texts, string type) => Words.TryGetValue(type, out var words) ? texts[words] : type;
}
