using System.Text.Json;
using System.Text.RegularExpressions;
using CoffreFort.Cryptography;
using CoffreFort.EventStore;
using CoffreFort.Server.Edges.Blobs;
using CoffreFort.Server.Sealing;
using Npgsql;

namespace CoffreFort.Server.Web;

/// <summary>What an exception, or a bare status code, is called in an answer. A fault never tells its detail: the trace id finds it in the log.</summary>
public static partial class Faults
{
    private static readonly Refusal Fault = new("fault", "Une erreur est survenue de notre côté. Rien de ce qui était déjà enregistré n'est perdu. Réessayez ; si l'erreur revient, transmettez le numéro de trace.", 500);

    private static readonly Refusal Unverified = new("cryptographic-failure", "Le contenu ne peut pas être vérifié : il n'est pas remis. Transmettez le numéro de trace.", 500);

    private static readonly Refusal Stale = new("form-expired", "Ce formulaire n'est plus valable : rechargez la page et recommencez. Rien n'a été enregistré.", 400);

    private static readonly Refusal Full = new("storage-full", "Il n'y a plus de place pour les documents. Rien n'a été enregistré ; ce qui était déjà déposé est intact. L'exploitant doit en ajouter.", 507);

    private static readonly Refusal SealUnusable = new("seal-unusable", "Rien ne peut être scellé pour le moment : le certificat du sceau n'est pas valable. L'exploitant en est averti. Rien n'a été modifié.", 503);

    private static readonly Dictionary<int, (string Title, Refusal Refusal)> ByStatus = new()
    {
        [400] = (Texts.Of("Demande incorrecte"), new("bad-request", "La demande n'a pas la forme attendue.", 400)),
        [401] = (Texts.Of("Connexion nécessaire"), new("not-signed-in", "Connectez-vous pour continuer : aucune identité valable n'accompagne cette demande.", 401)),
        [403] = (Texts.Of("Accès refusé"), new("forbidden", "Votre profil ne donne pas accès à cette page ou à cette action.", 403)),
        [404] = (Texts.Of("Introuvable"), Refusal.NotFound),
        [405] = (Texts.Of("Méthode non prévue"), new("method-not-allowed", "Cette adresse existe, mais pas avec cette méthode : voir l'en-tête Allow.", 405)),
        [406] = (Texts.Of("Format non disponible"), new("not-acceptable", "Aucun des formats acceptés n'est disponible.", 406)),
        [408] = (Texts.Of("Délai dépassé"), new("timeout", "La demande a mis trop de temps à arriver. Réessayez.", 408)),
        [409] = (Texts.Of("Demande refusée"), new("conflict", "L'état actuel ne permet pas cette action.", 409)),
        [411] = (Texts.Of("Longueur nécessaire"), new("length-required", "La demande doit annoncer sa longueur.", 411)),
        [412] = (Texts.Of("Version dépassée"), new("precondition-failed", "L'élément a changé entre-temps : relisez-le avant de recommencer.", 412)),
        [413] = (Texts.Of("Envoi trop volumineux"), new("too-large", "L'envoi dépasse la taille permise ici. Rien n'a été enregistré.", 413)),
        [414] = (Texts.Of("Adresse trop longue"), new("uri-too-long", "L'adresse demandée est trop longue.", 414)),
        [415] = (Texts.Of("Format non pris en charge"), new("unsupported-media-type", "Le type de contenu envoyé n'est pas accepté ici.", 415)),
        [422] = (Texts.Of("Demande refusée"), new("unprocessable", "La demande est lisible, mais ne peut pas être acceptée.", 422)),
        [429] = (Texts.Of("Trop de demandes"), new("too-many-requests", "Trop de demandes en peu de temps. Réessayez après le délai indiqué par Retry-After.", 429)),
        [500] = (Texts.Of("Erreur du service"), Fault),
        [503] = (Texts.Of("Service momentanément indisponible"), new("unavailable", "Le service ne peut pas répondre pour le moment. Rien n'a été modifié. Réessayez dans quelques instants.", 503)),
        [507] = (Texts.Of("Plus de place"), Full),
    };

    public static string Title(int status) => Known(status).Title;

    public static Refusal Of(int status) => Known(status).Refusal with { Status = status };

    public static Refusal Of(Exception exception) => exception switch
    {
        BadHttpRequestException { InnerException: JsonException json } => MalformedJson(json),
        JsonException json => MalformedJson(json),
        BadHttpRequestException bad => Of(bad.StatusCode),
        Microsoft.AspNetCore.Antiforgery.AntiforgeryValidationException => Stale,
        BlobStoreFullException => Full,
        _ when IsOutage(exception) => Of(503),
        CryptographicFailure => Unverified,
        SealUnusableException => SealUnusable,
        _ => Fault,
    };

    /// <summary>Whether something that CoffreFort stands on can't answer now: journal, blob store, key database, root key. Then trying again later may succeed.</summary>
    public static bool IsOutage(Exception exception) => exception switch
    {
        Unavailable or JournalUnavailableException or BlobStoreUnavailableException or RootKeyRefused => true,
        // A statement that is wrong is a fault of ours; a server that is shut down, out of room or out of connections is an outage.
        PostgresException reported => reported.IsTransient || reported.SqlState is ['0', '8', ..] or ['5', '3' or '7', ..] or ['3', 'D', ..] or ['2', '8', ..],
        NpgsqlException => true,
        _ => false,
    };

    private static Refusal MalformedJson(JsonException json) =>
        new("malformed-json", "Le JSON reçu n'est pas lisible à l'endroit {0}.", 400) { Arguments = [SafePath(PathOf(json))] };

    // Thrown once an object was read: then the path is that object's own.
    private static string? PathOf(JsonException json) => json.Data[StorableJson.Member] is string member ? $"{json.Path}.{member}" : json.Path;

    // The path repeats property names from the request; only its harmless characters are echoed.
    private static string SafePath(string? path) => Unsafe().Replace(path is { Length: > 0 and <= 200 } ? path : "$", "_");

    private static (string Title, Refusal Refusal) Known(int status) =>
        ByStatus.TryGetValue(status, out var known) ? known : status < 500 ? ByStatus[400] : ByStatus[500];

    [GeneratedRegex(@"[^\w$.\[\]'-]", RegexOptions.CultureInvariant)]
    private static partial Regex Unsafe();
}
