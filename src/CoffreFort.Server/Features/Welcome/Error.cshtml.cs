using CoffreFort.Server.Web;
using Microsoft.AspNetCore.Authorization;
using Microsoft.AspNetCore.Mvc;
using Microsoft.AspNetCore.Mvc.RazorPages;

namespace CoffreFort.Server.Features.Welcome;

/// <summary>Says what happened, what was kept and what to do. Reads nothing from the journal, so that it works when the journal doesn't, and nothing from a form that may be broken off.</summary>
[AllowAnonymous]
[IgnoreAntiforgeryToken, ReadsOwnBody]
public sealed class ErrorModel : PageModel
{
    private static readonly string Nothing = Texts.Of("Rien n'a été modifié. Ce que vous aviez enregistré avant est intact.");

    private static readonly Dictionary<int, (string Heading, string Kept, string Next)> ByStatus = new()
    {
        [403] = (Texts.Of("Accès refusé"), Nothing, Texts.Of("Revenez à l'accueil. Si vous avez plusieurs profils, reconnectez-vous avec celui qui convient.")),
        [404] = (Texts.Of("Page introuvable"), Nothing, Texts.Of("Vérifiez l'adresse, ou repartez de l'accueil. Un lien reçu peut avoir expiré.")),
        [413] = (Texts.Of("Envoi trop volumineux"), Nothing, Texts.Of("Revenez en arrière et choisissez un fichier plus petit, ou enregistrez-le dans une qualité moindre.")),
        [429] = (Texts.Of("Trop de demandes"), Nothing, Texts.Of("Attendez une minute, puis recommencez.")),
        [500] = (Texts.Of("Erreur du service"), Texts.Of("Ce que vous aviez enregistré avant est intact. La dernière action peut ne pas avoir abouti."), Texts.Of("Vérifiez si la dernière action a abouti, puis recommencez. Si l'erreur revient, transmettez le numéro de trace.")),
        [503] = (Texts.Of("Service momentanément indisponible"), Nothing, Texts.Of("Réessayez dans quelques instants. Vos documents restent chiffrés et en lieu sûr.")),
    };

    private static readonly (string Heading, string Kept, string Next) Otherwise =
        (Texts.Of("La demande n'a pas pu être traitée"), Nothing, Texts.Of("Revenez à la page précédente, rechargez-la et recommencez."));

    public int Status { get; private set; }

    public (string Heading, string Kept, string Next) Text { get; private set; }

    public string Happened { get; private set; } = "";

    public string TraceId { get; private set; } = "";

    public void OnGet(int status)
    {
        Status = status is >= 400 and <= 599 ? status : 404;
        Response.StatusCode = Status;
        Text = ByStatus.TryGetValue(Status, out var known) ? known : Status > 500 ? ByStatus[500] : Otherwise;
        Happened = Problems.Detail(HttpContext, Problems.Remembered(HttpContext) ?? Faults.Of(Status));
        TraceId = Problems.TraceId(HttpContext);
    }
}
